package dev.tutti.hub;

import java.util.List;

/**
 * A page of the publications that a room retains. Immutable.
 *
 * @param position of the room's last publication
 * @param earliest offset of the earliest retained publication; one more than the last if none is
 * @param recovered whether {@code messages} continue exactly at the requested position, without a gap
 * @param messages in the room's order
 * @param more whether the room retains more in the requested direction
 */
public record HistoryPage(
        Position position, long earliest, boolean recovered, List<Publication> messages, boolean more) {
    int bytes() {
        return messages.stream().mapToInt(Publication::bytes).sum();
    }
}
