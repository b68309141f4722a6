package dev.tutti.cluster;

import dev.tutti.hub.Position;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Positions of clients that are beyond the copy of a room: the clients come from a server that has received more, or from an epoch that this server does
 * not know. For each of them Redis is read once; a position beyond the copy after that exists nowhere. Guarded by its log's room.
 */
final class SoughtPositions {
    /** More are forgotten, the first ones first: they cost another read. */
    private static final int MAX_POSITIONS = 16;

    private final RoomFollower follower;
    private final LocalCopy copy;
    /** The number of the read that decides. */
    private final Map<Position, Long> reads = new LinkedHashMap<>(0);

    SoughtPositions(RoomFollower follower, LocalCopy copy) {
        this.follower = follower;
        this.copy = copy;
    }

    /** Returns whether a read may bring the copy up to a position. */
    boolean isAhead(Position position) {
        Position here = copy.history().position();
        if (position.epoch().equals(here.epoch()) && position.offset() <= here.offset()) {
            return false;
        }
        long read = reads.computeIfAbsent(position, sought -> follower.nextRead());
        if (reads.size() > MAX_POSITIONS) {
            reads.remove(reads.keySet().iterator().next());
        }
        return !follower.hasRead(read);
    }
}
