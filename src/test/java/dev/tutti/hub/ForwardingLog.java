package dev.tutti.hub;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A log that hands all calls to another one, but for those that a test overrides. As thread-safe as the other one. */
public class ForwardingLog implements RoomLog {
    private final RoomLog to;

    protected ForwardingLog(RoomLog to) {
        this.to = to;
    }

    @Override
    public @Nullable CompletionStage<?> prepare(@Nullable Position since) {
        return to.prepare(since);
    }

    @Override
    public @Nullable SharedMembers members() {
        return to.members();
    }

    @Override
    public CompletionStage<Position> append(Draft draft, long nowNanos) {
        return to.append(draft, nowNanos);
    }

    @Override
    public JoinResult joined(@Nullable Position since, Members members) {
        return to.joined(since, members);
    }

    @Override
    public HistoryPage since(Position since, int max) {
        return to.since(since, max);
    }

    @Override
    public HistoryPage before(Position before, int max) {
        return to.before(before, max);
    }

    @Override
    public HistoryPage latest(int max) {
        return to.latest(max);
    }

    @Override
    public void trim(long nowNanos) {
        to.trim(nowNanos);
    }

    @Override
    public CompletionStage<?> clear() {
        return to.clear();
    }

    @Override
    public int retained() {
        return to.retained();
    }

    @Override
    public boolean isEmpty() {
        return to.isEmpty();
    }

    @Override
    public boolean isNeeded() {
        return to.isNeeded();
    }

    @Override
    public boolean isExpendable() {
        return to.isExpendable();
    }

    @Override
    public void close() {
        to.close();
    }
}
