package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Draft;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Members;
import dev.tutti.hub.MembersUpdate;
import dev.tutti.hub.Position;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.TimeSource;
import dev.tutti.security.UnavailableException;
import dev.tutti.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reads that clients cause by joining. */
class RedisLogTest {
    private long nanos;
    private int reads;
    private final List<Long> delivered = new ArrayList<>();

    private final RoomLog.Subscriber subscriber = new RoomLog.Subscriber() {
        @Override
        public void requireRoom(int bytes) {}

        @Override
        public void deliverToMembers(Publication publication) {
            delivered.add(publication.offset());
        }

        @Override
        public void notifyListeners(Publication publication) {
            throw new AssertionError("nothing is published here");
        }

        @Override
        public boolean deliverMembers(MembersUpdate update) {
            return true;
        }

        @Override
        public void lost() {
            throw new AssertionError("nothing is lost here");
        }

        @Override
        public void wake() {}
    };

    private final RedisLog.Requests requests = new RedisLog.Requests() {
        @Override
        public void read(RedisLog log) {
            reads++;
        }

        @Override
        public CompletionStage<Position> append(RedisLog log, Draft draft) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void change(RedisLog log, MembersUpdate.Change change) {
            throw new UnsupportedOperationException();
        }

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
    };

    private final TimeSource time = new TimeSource() {
        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long millis() {
            return 0;
        }
    };

    private final RedisLog log = new RedisLog(
            "team",
            RoomKeys.of("test", "team"),
            new RoomLogs.Context(
                    Settings.read(Limits.class, name -> null), new Budget(1_000_000), Runnable::run, time, () -> ""),
            ClusterMetrics.NONE,
            requests,
            subscriber);

    @BeforeEach
    void loadFivePublications() {
        assertThat(log.prepare(null)).isNotNull();
        answer(1, 5);
        assertThat(log.prepare(null)).isNull();
        assertThat(reads).isEqualTo(1);
    }

    /** Redis answers a read with some publications, of which the last one is the top. */
    private void answer(long from, long top) {
        List<Entry> entries = LongStream.rangeClosed(from, top)
                .mapToObj(offset -> new Entry(new Publication(offset, 0, null, "1"), null, 0))
                .toList();
        MembersUpdate.Read nobody = new MembersUpdate.Read(new Members(0, List.of()), Set.of());
        RoomFollower follower = log.follower();
        follower.read(new Retained(new Position("e", top), 0, 0, nobody, entries), follower.reading());
    }

    private @Nullable CompletionStage<?> prepare(String epoch, long offset) {
        return log.prepare(new Position(epoch, offset));
    }

    @Test
    void knownPositionNeedsNoRead() {
        assertThat(prepare("e", 3)).isNull();
        assertThat(prepare("e", 5)).isNull();
    }

    @Test
    void clientOfAServerThatIsAheadWaits() {
        var prepared = prepare("e", 7).toCompletableFuture();
        assertThat(prepare("e", 7)).as("the second one waits, too").isNotNull();
        assertThat(reads).isEqualTo(2);
        assertThat(prepared).isNotDone();
        answer(6, 7);

        assertThat(prepared).isCompleted();
        assertThat(prepare("e", 7)).isNull();
        assertThat(delivered).containsExactly(6L, 7L);
    }

    @Test
    void positionThatExistsNowhereIsReadOnce() {
        for (String epoch : new String[] {"e", "other"}) {
            assertThat(prepare(epoch, 99)).isNotNull();
            answer(6, 5); // nothing more
            assertThat(prepare(epoch, 99)).isNull();
        }
        assertThat(reads).isEqualTo(3);
    }

    @Test
    void readThatBeganEarlierDoesNotDecide() {
        log.follower().checked(new Position("e", 8), 0, false);
        assertThat(reads).isEqualTo(2);
        assertThat(prepare("e", 9)).isNotNull();
        answer(6, 8);

        assertThat(prepare("e", 9)).isNotNull();
        answer(9, 9);
        assertThat(prepare("e", 9)).isNull();
        assertThat(reads).isEqualTo(3);
    }

    @Test
    void refusedReadIsNotRepeatedAtOnce() {
        assertThat(prepare("e", 7)).isNotNull();
        log.readRefused();
        assertThatThrownBy(() -> prepare("e", 7)).isInstanceOf(UnavailableException.class);
        assertThat(log.prepare(null)).as("without a read").isNull();
        assertThat(reads).isEqualTo(2);

        nanos += RedisLog.REFUSAL_NANOS;
        assertThat(prepare("e", 7)).isNotNull();
    }
}
