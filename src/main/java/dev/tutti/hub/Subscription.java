package dev.tutti.hub;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A client's place in a room, for as long as it is there. Safe for any thread; what a client says or asks on one thread, the room sees
 * in that order.
 *
 * <p>Answers are made on a thread of the hub and reach the client in their place among what it is told: an answer holds all that it was
 * told before, and nothing of what it is told after.
 */
public final class Subscription {
    private final Client client;
    private final Room room;
    private final RoomShard shard;

    /** How long the state is that the client shows here; guarded by the client. */
    int stateBytes;

    Subscription(Client client, Room room, RoomShard shard) {
        this.client = client;
        this.room = room;
        this.shard = shard;
    }

    /**
     * Says something to everybody in the room, this client included. Said again under the same key by the same user, while the room
     * remembers it, nothing more is said.
     *
     * @param data JSON text in one line of well-formed Unicode
     * @param key null for none
     * @return the position of what was said
     * @throws LimitException if too much waits in this room
     */
    public Position publish(String data, @Nullable String key) {
        return room.publish(client.sender(), data, key);
    }

    /**
     * Shows a state to everybody in the room, this client included; of states that follow each other quickly only the last.
     *
     * @param state JSON text in one line of well-formed Unicode; null for none
     * @throws LimitException if all states of this client are too long together, or too much waits in this room
     */
    public void setState(@Nullable String state) {
        client.reserveState(this, state);
        room.setState(client, state);
    }

    /**
     * Asks who is here.
     *
     * @throws LimitException if too many answers are on their way to this client
     */
    public void members(Function<Members, Frame> answer) {
        client.requireFewAnswers();
        room.members(client, shard, answer);
    }

    /**
     * Asks for what was said right after a position.
     *
     * @param max how many publications at the most, from 1
     * @throws LimitException if too many answers are on their way to this client
     */
    public void since(Position since, int max, Function<HistoryPage, Frame> answer) {
        client.requireFewAnswers();
        room.history(client, shard, history -> history.since(since, max), answer);
    }

    /** Asks for what was said right before a position; else as {@link #since}. */
    public void before(Position before, int max, Function<HistoryPage, Frame> answer) {
        client.requireFewAnswers();
        room.history(client, shard, history -> history.before(before, max), answer);
    }

    /** Asks for what was said last; else as {@link #since}. */
    public void latest(int max, Function<HistoryPage, Frame> answer) {
        client.requireFewAnswers();
        room.history(client, shard, history -> history.latest(max), answer);
    }

    Room room() {
        return room;
    }

    RoomShard shard() {
        return shard;
    }
}
