package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Budget.Share;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private final Budget budget = new Budget(1_000);

    @Test
    void sharesMakeUpTheBudget() {
        long sum = 0;
        for (Share share : Share.values()) {
            sum += budget.limitBytes(share);
        }
        assertThat(sum).isEqualTo(1_000);
    }

    @Test
    void defaultIsHalfOfTheHeap() {
        long half = Runtime.getRuntime().maxMemory() / 2;

        assertThat(Budget.of(TestLimits.defaults()).limitBytes(Share.DOCUMENTS)).isEqualTo(half / 100 * 35);
        assertThat(Budget.of(TestLimits.with(Map.of("memory-budget", 5_000))).limitBytes(Share.DOCUMENTS))
                .isEqualTo(1_750);
    }

    @Test
    void refusedReservationTakesNothing() {
        assertThat(budget.tryReserve(Share.DOCUMENTS, 300)).isTrue();
        assertThat(budget.tryReserve(Share.DOCUMENTS, 51)).isFalse();
        assertThat(budget.tryReserve(Share.DOCUMENTS, 50)).isTrue();

        assertThat(budget.usedBytes(Share.DOCUMENTS)).isEqualTo(350);
        assertThat(budget.breaches(Share.DOCUMENTS)).isOne();
        assertThat(budget.usedBytes(Share.INPUT)).isZero();
    }

    @Test
    void pressureBeginsBeforeTheLimit() {
        budget.reserve(Share.OUTPUT, 150);
        assertThat(budget.isUnderPressure(Share.OUTPUT)).isFalse();
        budget.reserve(Share.OUTPUT, 60);
        assertThat(budget.isUnderPressure(Share.OUTPUT)).isTrue();
        assertThat(budget.hasRoom(Share.OUTPUT, 40)).isTrue();
        assertThat(budget.hasRoom(Share.OUTPUT, 41)).isFalse();
    }

    @Test
    void smallHolderUsesTheReserveOfAFullShare() {
        Budget large = new Budget(10_000_000);
        long limit = large.limitBytes(Share.OUTPUT);
        large.reserve(Share.OUTPUT, limit);

        assertThat(large.hasRoom(Share.OUTPUT, 1)).isFalse();
        assertThat(large.hasRoom(Share.OUTPUT, 1, Budget.SMALL_HOLDER_BYTES)).isFalse();
        assertThat(large.hasRoom(Share.OUTPUT, 1, Budget.SMALL_HOLDER_BYTES - 1))
                .isTrue();
        assertThat(large.tryReserve(Share.OUTPUT, 60_000, 0)).isTrue();
        large.reserve(Share.OUTPUT, limit / 4 - 60_000);
        assertThat(large.tryReserve(Share.OUTPUT, 1, 0)).isFalse();
        assertThat(large.breaches(Share.OUTPUT)).isOne();
    }

    @Test
    void oneAddressHoldsAtMostHalfOfAShare() {
        try (Budget.Quota greedy = budget.quota("192.0.2.1");
                Budget.Quota other = budget.quota("192.0.2.2")) {
            assertThat(greedy.tryReserve(Share.INPUT, 100)).isTrue();
            assertThat(greedy.tryReserve(Share.INPUT, 1)).isFalse();
            assertThat(other.tryReserve(Share.INPUT, 100)).isTrue();
            greedy.release(Share.INPUT, 100);
            other.release(Share.INPUT, 100);
        }
        assertThat(budget.usedBytes(Share.INPUT)).isZero();
    }

    @Test
    void refusedAndReleasedBytesAreFreeForTheAddress() {
        try (Budget.Quota quota = budget.quota("192.0.2.1")) {
            budget.reserve(Share.INPUT, 150);
            assertThat(quota.tryReserve(Share.INPUT, 100)).isFalse(); // the share is full
            budget.release(Share.INPUT, 150);
            assertThat(quota.tryReserve(Share.INPUT, 100)).isTrue();
            assertThat(quota.tryReserve(Share.INPUT, 50)).isFalse(); // the address has its half
            quota.release(Share.INPUT, 60);
            assertThat(quota.tryReserve(Share.INPUT, 60)).isTrue();
            assertThat(quota.roomBytes(Share.INPUT)).isZero();
            quota.release(Share.INPUT, 100);
        }
        assertThat(budget.breaches(Share.INPUT)).isEqualTo(2);
    }

    @Test
    void connectionsOfOneAddressShareAQuota() {
        Budget.Quota first = budget.quota("192.0.2.1");
        try (Budget.Quota second = budget.quota("192.0.2.1")) {
            assertThat(second).isSameAs(first);
        }
        assertThat(budget.quota("192.0.2.1")).isSameAs(first);
        first.close();
        first.close();
        assertThat(budget.quota("192.0.2.1")).isNotSameAs(first);
    }

    @Test
    void userHasOneQuotaFromAllAddresses() {
        long limit = budget.limitBytes(Share.INPUT);
        try (Budget.Quota home = budget.quota("192.0.2.1", "ann");
                Budget.Quota office = budget.quota("192.0.2.2", "ann");
                Budget.Quota guest = budget.quota("192.0.2.2");
                Budget.Quota other = budget.quota("192.0.2.3", "ben")) {
            assertThat(home.tryReserve(Share.INPUT, limit / 2)).isTrue();
            assertThat(office.roomBytes(Share.INPUT)).isZero();
            assertThat(office.tryReserve(Share.INPUT, 1)).isFalse();
            assertThat(guest.tryReserve(Share.INPUT, 1)).isTrue();
            assertThat(other.tryReserve(Share.INPUT, 1)).isTrue();
            home.release(Share.INPUT, limit / 2);
            assertThat(office.tryReserve(Share.INPUT, 1)).isTrue();
            assertThat(guest.usedBytes(Share.INPUT)).isEqualTo(2); // of the address
            office.release(Share.INPUT, 1);
            guest.release(Share.INPUT, 1);
            other.release(Share.INPUT, 1);
        }
        assertThat(budget.usedBytes(Share.INPUT)).isZero();
    }

    @Test
    void unknownAddressesShareNoQuota() {
        try (Budget.Quota first = budget.quota("");
                Budget.Quota second = budget.quota("")) {
            assertThat(first.tryReserve(Share.INPUT, 150)).isTrue();
            assertThat(second.tryReserve(Share.INPUT, 50)).isTrue();
            assertThat(second.tryReserve(Share.INPUT, 1)).isFalse();
            first.release(Share.INPUT, 150);
            assertThat(budget.usedBytes(Share.INPUT)).isEqualTo(50);
        }
    }
}
