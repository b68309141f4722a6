package dev.tutti.hub;

import java.util.List;

/**
 * The state of a room at the point of its order where a client joins; the client receives all later events. Immutable.
 *
 * @param position of the last publication before the join
 * @param earliest offset of the earliest retained publication; one more than the last if none is
 * @param recovered whether {@code messages} are exactly the publications after the last one that the client has received, up to {@code
 *     position}
 * @param members including this client
 */
public record JoinResult(
        Position position, long earliest, boolean recovered, List<Publication> messages, Members members) {
    int bytes() {
        return members.bytes() + messages.stream().mapToInt(Publication::bytes).sum();
    }
}
