package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Budget.Share;
import org.junit.jupiter.api.Test;

class MemoryLogTest implements RoomLogContract {
    private final Budget budget = new Budget(1_000_000);

    @Override
    public RoomLog open(RoomLog.Subscriber subscriber) {
        return new MemoryLog("e", RULE, new HistoryMemory(budget, 100_000), subscriber);
    }

    @Override
    public void complete() {}

    @Test
    void appendCompletesAtOnce() {
        assertThat(open(new Recorder())
                        .append(new Draft(0, null, "1", null, true), 0)
                        .toCompletableFuture())
                .isCompletedWithValue(new Position("e", 1));
    }

    @Test
    void retainedBytesAreReserved() {
        RoomLog log = open(new Recorder());
        Draft draft = new Draft(0, null, "x".repeat(1_000), null, false);
        log.append(draft, 0);
        log.append(draft, 0);
        assertThat(budget.usedBytes(Share.HISTORY)).isEqualTo(2L * draft.bytes());

        log.close();
        log.append(draft, 0);
        assertThat(budget.usedBytes(Share.HISTORY)).isZero();
    }

    @Test
    void allLogsTogetherRetainNoMoreThanTheLimit() {
        Draft draft = new Draft(0, null, "x".repeat(1_000), null, false);
        RoomLog small = new MemoryLog("a", RULE, new HistoryMemory(budget, 3_000), new Recorder());
        RoomLog large = new MemoryLog("b", RULE, new HistoryMemory(budget, 3_000), new Recorder());
        small.append(draft, 0);
        for (int i = 0; i < 4; i++) {
            large.append(draft, 0);
        }

        assertThat(budget.usedBytes(Share.HISTORY)).isLessThanOrEqualTo(3_000);
        assertThat(small.isEmpty()).isFalse(); // the log that grows drops its own publications
        assertThat(large.latest(9).messages()).hasSize(1);
    }

    @Test
    void closedLogDelivers() {
        Recorder recorder = new Recorder();
        RoomLog log = open(recorder);
        log.close();

        assertThat(log.append(new Draft(0, null, "1", null, true), 0).toCompletableFuture())
                .isCompleted();
        assertThat(recorder.data()).containsExactly("1");
    }
}
