package dev.tutti.hub;

import java.util.List;

/**
 * What a client finds when it enters a room; all that happens afterwards, it is told. Immutable.
 *
 * @param position of the last publication before it came
 * @param earliest the offset of the earliest publication that is held; one more than the last where none is
 * @param recovered whether {@code messages} is exactly what was said between where the client left off and {@code position}
 * @param members this client included
 */
public record JoinResult(
        Position position, long earliest, boolean recovered, List<Publication> messages, Members members) {
    int bytes() {
        return members.bytes() + messages.stream().mapToInt(Publication::bytes).sum();
    }
}
