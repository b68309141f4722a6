package dev.tutti.hub;

import java.util.List;

/**
 * Some of what a room remembers. Immutable.
 *
 * @param position of the room's last publication
 * @param earliest the offset of the earliest publication that is held; one more than the last where none is
 * @param recovered whether {@code messages} goes on exactly at the place that was asked for
 * @param messages in the room's order
 * @param more whether more is held in the direction that was asked for
 */
public record HistoryPage(
        Position position, long earliest, boolean recovered, List<Publication> messages, boolean more) {
    int bytes() {
        return messages.stream().mapToInt(Publication::bytes).sum();
    }
}
