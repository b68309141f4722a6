package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Budget;
import dev.tutti.hub.HistoryRule;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Member;
import dev.tutti.hub.Members;
import dev.tutti.hub.MembersUpdate;
import dev.tutti.hub.Position;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.TimeSource;
import dev.tutti.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A room as one server follows it, with every order in which answers and messages of Redis may come. */
class RoomFollowerTest {
    /** Offsets that were delivered; 0 for a loss. */
    private final List<Long> delivered = new ArrayList<>();

    private final List<MembersUpdate> updates = new ArrayList<>();

    private boolean isFull;
    private int reads;
    private int gaps;

    private final RoomLog.Subscriber subscriber = new RoomLog.Subscriber() {
        @Override
        public void requireRoom(int bytes) {
            if (isFull) {
                throw new LimitException(LimitBreach.ROOM_QUEUE);
            }
        }

        @Override
        public void deliverToMembers(Publication publication) {
            delivered.add(publication.offset());
        }

        @Override
        public void notifyListeners(Publication publication) {
            throw new AssertionError("the server that appends notifies");
        }

        @Override
        public boolean deliverMembers(MembersUpdate update) {
            updates.add(update);
            return !(update instanceof MembersUpdate.Read read)
                    || read.members().list() != null;
        }

        @Override
        public void lost() {
            delivered.add(0L);
        }

        @Override
        public void wake() {}
    };

    private final ClusterMetrics metrics = new ClusterMetrics() {
        @Override
        public void called(String operation, long nanos) {}

        @Override
        public void gapFound() {
            gaps++;
        }
    };

    private final Budget budget = new Budget(1_000_000);
    private final LocalCopy copy = new LocalCopy(
            new HistoryRule(100, 100_000, 600),
            new RoomLogs.Context(
                    Settings.read(Limits.class, name -> null), budget, Runnable::run, TimeSource.SYSTEM, () -> ""));
    private final RoomFollower follower = new RoomFollower(subscriber, copy, metrics, Runnable::run, () -> reads++);

    private static List<Entry> entries(long from, long to) {
        return LongStream.rangeClosed(from, to)
                .mapToObj(offset -> new Entry(new Publication(offset, 0, null, "\"" + offset + "\""), null, 0))
                .toList();
    }

    private static RoomMessage message(String epoch, long from, long to) {
        return new RoomMessage.Appended(epoch, entries(from, to));
    }

    /** Redis answers the read that is under way. */
    private void read(Retained answer) {
        follower.read(answer, follower.reading());
    }

    private static Retained retained(String epoch, long from, long top) {
        return retained(epoch, from, top, 0, null);
    }

    /** Also the members, which are only counted without a list. */
    private static Retained retained(String epoch, long from, long top, long change, @Nullable List<Member> members) {
        Members read = new Members(members == null ? 1_000 : members.size(), members);
        return new Retained(
                new Position(epoch, top), 0, change, new MembersUpdate.Read(read, Set.of()), entries(from, top));
    }

    private static RoomMessage changed(String epoch, long number) {
        return new RoomMessage.MembersChanged(epoch, number, new MembersUpdate.Counted((int) number));
    }

    private void check(Position top) {
        follower.checked(top, 0, false);
    }

    private void load(Retained retained) {
        assertThat(follower.isLoaded()).isFalse();
        assertThat(follower.load().toCompletableFuture()).isNotDone();
        read(retained);
        assertThat(follower.isLoaded()).isTrue();
    }

    private Position position() {
        return copy.history().position();
    }

    @Test
    void loadedPublicationsAreRetainedNotDelivered() {
        load(retained("e", 3, 5));

        assertThat(delivered).isEmpty();
        assertThat(position()).isEqualTo(new Position("e", 5));
        assertThat(copy.history().latest(9).messages())
                .extracting(Publication::offset)
                .containsExactly(3L, 4L, 5L);
    }

    @Test
    void messagesDuringTheFirstReadFollowIt() {
        var loaded = follower.load().toCompletableFuture();
        follower.received(message("e", 5, 6)); // the answer has 5 already
        follower.received(message("e", 7, 7));
        assertThat(delivered).isEmpty();
        read(retained("e", 1, 5));

        assertThat(loaded).isCompleted();
        assertThat(delivered).containsExactly(6L, 7L);
        assertThat(reads).isOne();
    }

    @Test
    void repeatedMessagesAreDeliveredOnce() {
        load(retained("e", 1, 0));
        follower.received(message("e", 1, 2));
        follower.received(message("e", 1, 2));
        follower.received(message("e", 2, 3));

        assertThat(delivered).containsExactly(1L, 2L, 3L);
        assertThat(gaps).isZero();
    }

    @Test
    void gapIsReadBeforeLaterMessages() {
        load(retained("e", 1, 1));
        follower.received(message("e", 4, 4));
        follower.received(message("e", 5, 5));
        assertThat(delivered).isEmpty();
        assertThat(reads).isEqualTo(2);
        read(retained("e", 2, 4));

        assertThat(delivered).containsExactly(2L, 3L, 4L, 5L);
        assertThat(gaps).isOne();
    }

    @Test
    void gapThatRedisHasDroppedIsALoss() {
        load(retained("e", 1, 1));
        follower.received(message("e", 9, 9));
        read(retained("e", 5, 9));
        follower.received(message("e", 10, 10));

        assertThat(delivered).containsExactly(0L, 10L);
        assertThat(copy.history().since(new Position("e", 1), 9).recovered()).isFalse();
        assertThat(copy.history().since(new Position("e", 4), 9).recovered()).isTrue();
    }

    @Test
    void anotherEpochIsALoss() {
        load(retained("e", 1, 3));
        follower.received(message("f", 4, 4));
        read(retained("f", 1, 4));

        assertThat(delivered).containsExactly(0L);
        assertThat(position()).isEqualTo(new Position("f", 4));
        assertThat(copy.history().since(new Position("e", 3), 9).recovered()).isFalse();
    }

    @Test
    void offsetThatGoesBackIsALoss() {
        load(retained("e", 1, 3));
        check(new Position("e", 2));
        read(retained("e", 4, 2));

        assertThat(delivered).containsExactly(0L);
        assertThat(position()).isEqualTo(new Position("e", 2));
    }

    @Test
    void lastMessageThatWasMissedIsFoundByTheCheck() {
        load(retained("e", 1, 3));
        check(new Position("e", 3));
        assertThat(reads).isOne();
        check(new Position("e", 4));
        check(new Position("e", 4));
        assertThat(reads).isEqualTo(2);
        read(retained("e", 4, 4));

        assertThat(delivered).containsExactly(4L);
    }

    @Test
    void changesOfMembersFollowTheList() {
        var loaded = follower.load().toCompletableFuture();
        follower.received(changed("e", 4)); // the answer has it already
        follower.received(changed("e", 5));
        read(retained("e", 1, 0, 4, List.of()));
        follower.received(changed("e", 5));
        follower.received(changed("e", 6));

        assertThat(loaded).isCompleted();
        assertThat(updates)
                .containsExactly(
                        new MembersUpdate.Read(new Members(0, List.of()), Set.of()),
                        new MembersUpdate.Counted(5),
                        new MembersUpdate.Counted(6));
        assertThat(reads).isOne();
    }

    @Test
    void missedChangeOfMembersIsRead() {
        load(retained("e", 1, 3, 1, List.of()));
        follower.received(changed("e", 3));
        follower.received(message("e", 4, 4));
        assertThat(reads).isEqualTo(2);
        read(retained("e", 4, 3, 3, List.of()));
        assertThat(delivered).containsExactly(4L);
        assertThat(updates).hasSize(2);

        follower.checked(new Position("e", 4), 3, true);
        assertThat(reads).isEqualTo(2);
        follower.checked(new Position("e", 4), 4, true);
        assertThat(reads).isEqualTo(3);
        assertThat(gaps).isEqualTo(2);
    }

    @Test
    void roomThatIsSmallAgainReadsItsMembers() {
        load(retained("e", 1, 0, 7, null));
        follower.checked(new Position("e", 0), 7, false);
        assertThat(reads).isOne();
        follower.checked(new Position("e", 0), 7, true);
        assertThat(reads).isEqualTo(2);
        read(retained("e", 1, 0, 7, List.of()));
        follower.checked(new Position("e", 0), 7, true);

        assertThat(reads).isEqualTo(2);
        assertThat(gaps).isZero();
    }

    @Test
    void doubtfulMembersAreReadByTheNextCheck() {
        load(retained("e", 1, 0, 7, List.of()));
        follower.doubt();
        follower.checked(new Position("e", 0), 7, true);
        follower.checked(new Position("e", 0), 7, true);

        assertThat(reads).isEqualTo(2);
        assertThat(gaps).isZero();
    }

    @Test
    void fullRoomReadsLaterWhatItCouldNotTake() {
        load(retained("e", 1, 0));
        isFull = true;
        follower.received(message("e", 1, 1));
        isFull = false;
        follower.received(message("e", 2, 2));
        assertThat(delivered).isEmpty();
        check(new Position("e", 2));
        read(retained("e", 1, 2));

        assertThat(delivered).containsExactly(1L, 2L);
    }

    @Test
    void tooManyMessagesDuringAReadAreReadAgain() {
        load(retained("e", 1, 1));
        follower.received(message("e", 3, 3));
        for (int i = 4; i < 20_000; i++) {
            follower.received(message("e", i, i));
        }
        read(retained("e", 2, 5));
        assertThat(delivered).containsExactly(2L, 3L, 4L, 5L);
        assertThat(reads).isEqualTo(3);
        read(retained("e", 6, 7));
        follower.received(message("e", 8, 8));

        assertThat(delivered).containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L);
    }

    @Test
    void newConnectionReadsWhatWasMissed() {
        load(retained("e", 1, 2));
        follower.disconnected();
        follower.connected();
        assertThat(reads).isEqualTo(2);
        read(retained("e", 3, 3));

        assertThat(delivered).containsExactly(3L);
    }

    @Test
    void lateAnswerOfAnEarlierConnectionIsIgnored() {
        load(retained("e", 1, 2));
        follower.connected();
        long earlier = follower.reading();
        follower.disconnected();
        follower.connected();
        follower.read(retained("e", 3, 3), earlier);
        assertThat(delivered).isEmpty();
        read(retained("e", 3, 4));

        assertThat(delivered).containsExactly(3L, 4L);
    }

    @Test
    void loadIsTriedAgainAfterADisconnection() {
        var loaded = follower.load().toCompletableFuture();
        follower.disconnected();

        assertThat(loaded).isCompleted();
        assertThat(follower.isLoaded()).isFalse();
        read(retained("e", 1, 1)); // of the old connection
        assertThat(follower.isLoaded()).isFalse();
        follower.load();
        assertThat(reads).isEqualTo(2);
    }

    @Test
    void deletedHistoryIsDropped() {
        load(retained("e", 1, 3));
        follower.received(new RoomMessage.Cleared("e", 2));
        assertThat(copy.history().latest(9).messages())
                .extracting(Publication::offset)
                .containsExactly(3L);

        follower.received(new RoomMessage.Cleared("other", 3));
        assertThat(copy.history().isEmpty()).isFalse();
    }

    @Test
    void closedFollowerDeliversNothing() {
        load(retained("e", 1, 1));
        follower.close();
        follower.received(message("e", 2, 2));
        follower.connected();

        assertThat(delivered).isEmpty();
        assertThat(reads).isOne();
    }

    @Test
    void retainedBytesAreCounted() {
        load(retained("e", 1, 3));
        assertThat(budget.usedBytes(Budget.Share.HISTORY))
                .isEqualTo(entries(1, 3).stream()
                        .mapToLong(entry -> entry.publication().bytes())
                        .sum());
        copy.clear();
        assertThat(budget.usedBytes(Budget.Share.HISTORY)).isZero();
    }
}
