package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Draft;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Member;
import dev.tutti.hub.MembersUpdate;
import dev.tutti.hub.Position;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.TimeSource;
import dev.tutti.settings.Settings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rounds of calls of one part, whose connection changes. */
class AppendQueueTest {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final RoomLogs.Context context = new RoomLogs.Context(
            Settings.read(Limits.class, name -> null), new Budget(1_000_000), tasks::add, TimeSource.SYSTEM, () -> "");
    private final Redis first = new NamedRedis();
    private final Redis second = new NamedRedis();
    private @Nullable Redis present = first;
    private final List<Redis> changedAt = new ArrayList<>();

    private final AppendQueue.Caller caller = new AppendQueue.Caller() {
        @Override
        public CompletionStage<List<Object>> append(AppendCall call) {
            present = second; // between the two calls for members
            return CompletableFuture.failedFuture(Away.toAppend());
        }

        @Override
        public CompletionStage<?> change(Redis at, MemberCall call) {
            changedAt.add(at);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void failed(int part, Throwable failure) {}
    };

    private final AppendQueue queue = new AppendQueue(context, caller, () -> present);
    private final RedisLog log = new RedisLog(
            "team", RoomKeys.of("test", "team"), context, ClusterMetrics.NONE, new NoRequests(), new NoMembers());

    @Test
    void roundChangesMembersByOneConnection() {
        queue.change(log, new MembersUpdate.Put(new Member("a", "ann", null)));
        var unused = queue.add(log, new Draft(0, null, "1", null, true));
        queue.change(log, new MembersUpdate.Removed("b"));
        runAll();

        assertThat(changedAt).containsExactly(first, first);
    }

    @Test
    void changeWithoutConnectionReachesNoLaterOne() {
        queue.change(log, new MembersUpdate.Put(new Member("a", "ann", null)));
        present = null;
        queue.change(log, new MembersUpdate.Removed("a"));
        queue.disconnected();
        present = second;
        queue.connected();
        runAll();

        assertThat(changedAt).isEmpty();
    }

    private void runAll() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** A connection that nobody calls here. */
    private static final class NamedRedis implements UncalledRedis {}

    private static final class NoRequests implements RedisLog.Requests {
        @Override
        public void read(RedisLog log) {}

        @Override
        public CompletionStage<Position> append(RedisLog log, Draft draft) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void change(RedisLog log, MembersUpdate.Change change) {}

        @Override
        public CompletionStage<?> clear(RedisLog log) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void closed(RedisLog log) {}

        @Override
        public boolean isConnected(RedisLog of) {
            return true;
        }
    }

    private static final class NoMembers implements RoomLog.Subscriber {
        @Override
        public void requireRoom(int bytes) {}

        @Override
        public void deliverToMembers(Publication publication) {}

        @Override
        public void notifyListeners(Publication publication) {}

        @Override
        public void lost() {}

        @Override
        public void wake() {}
    }
}
