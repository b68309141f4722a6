package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The memory of a list that comes from other nodes; see {@link SharedPresenceModelTest} for its content. */
class SharedRosterTest {
    private static final String LONG_STATE = '"' + "x".repeat(10_000) + '"';

    /** The input share holds two members with a long state, not three. */
    private final Budget budget = new Budget(100_000);

    private final SharedRoster roster = new SharedRoster(
            new SharedMembers() {
                @Override
                public void put(Member member) {
                    throw new AssertionError(member);
                }

                @Override
                public void remove(String client) {
                    throw new AssertionError(client);
                }
            },
            budget);

    private final List<RoomEvent> events = new ArrayList<>();

    @BeforeEach
    void readEmptyRoom() {
        roster.addPresenceReceivers(1);
        assertThat(read()).isTrue();
    }

    private static Member member(int number, String state) {
        return new Member("client-" + number, "user", state);
    }

    private boolean read(Member... members) {
        return deliver(new MembersUpdate.Read(new Members(members.length, List.of(members)), Set.of()));
    }

    private boolean put(int count, Member... members) {
        List<MembersUpdate.Change> changes = new ArrayList<>();
        for (Member member : members) {
            changes.add(new MembersUpdate.Put(member));
        }
        return deliver(new MembersUpdate.Changed(count, changes));
    }

    private boolean deliver(MembersUpdate update) {
        return roster.deliver(update, (event, except) -> events.add(event));
    }

    private long reservedBytes() {
        return budget.usedBytes(Budget.Share.INPUT);
    }

    @Test
    void membersBeyondTheMemoryAreCounted() {
        assertThat(put(2, member(1, LONG_STATE), member(2, LONG_STATE))).isTrue();
        assertThat(put(4, member(3, LONG_STATE), member(4, "4"))).isFalse();

        assertThat(roster.list()).isEqualTo(new Members(4, null));
        assertThat(events).last().isEqualTo(new RoomEvent.MembersChanged(new Members(4, null)));
        assertThat(reservedBytes()).isZero();
    }

    @Test
    void listThatDoesNotFitIsCountedUntilItFits() {
        put(1, member(1, "1"));
        assertThat(read(member(1, LONG_STATE), member(2, LONG_STATE), member(3, LONG_STATE)))
                .isFalse();
        assertThat(reservedBytes()).isZero();
        assertThat(put(3, member(3, "3"))).isFalse();

        Members small = new Members(2, List.of(member(1, "1"), member(2, "2")));
        assertThat(read(member(1, "1"), member(2, "2"))).isTrue();
        assertThat(events).last().isEqualTo(new RoomEvent.MembersChanged(small));
        assertThat(reservedBytes()).isEqualTo(small.bytes());
    }

    @Test
    void reservedBytesAreThoseOfTheList() {
        put(2, member(1, "1"), member(2, LONG_STATE));
        put(2, member(1, "111"), member(2, "2"));
        deliver(new MembersUpdate.Changed(1, List.of(new MembersUpdate.Removed("client-1"))));
        assertThat(reservedBytes()).isEqualTo(member(2, "2").bytes());

        read(member(2, "22"), member(3, "3"));
        assertThat(reservedBytes())
                .isEqualTo(member(2, "22").bytes() + member(3, "3").bytes());
        roster.close();
        assertThat(reservedBytes()).isZero();
    }
}
