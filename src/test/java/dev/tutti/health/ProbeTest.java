package dev.tutti.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProbeTest {
    private static final long PATIENCE = 5_000_000_000L;

    private final FakeClock clock = new FakeClock();
    private final List<CompletableFuture<Void>> runs = new ArrayList<>();
    private final Probe probe = new Probe(clock, () -> {
        CompletableFuture<Void> run = new CompletableFuture<>();
        runs.add(run);
        return run;
    });

    @Test
    void manyWhoAskShareARunASecond() {
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            answers.add(probe.refresh().toCompletableFuture());
        }
        assertThat(runs).hasSize(1);
        assertThat(answers).noneMatch(CompletableFuture::isDone);
        runs.get(0).complete(null);
        assertThat(answers).allMatch(CompletableFuture::isDone);

        assertThat(probe.refresh()).isCompleted();
        assertThat(runs).hasSize(1);
        clock.pass(1);
        assertThat(probe.refresh().toCompletableFuture()).isNotDone();
        assertThat(runs).hasSize(2);
    }

    @Test
    void failureStaysUntilASuccess() {
        var unused = probe.refresh();
        runs.get(0).completeExceptionally(new StoreException("no space is left"));
        assertThat(probe.problem(PATIENCE)).isEqualTo("no space is left");

        clock.pass(1);
        unused = probe.refresh();
        assertThat(probe.problem(PATIENCE)).isEqualTo("no space is left");
        runs.get(1).complete(null);
        assertThat(probe.problem(PATIENCE)).isNull();
    }

    @Test
    void runWithoutAnswerIsAProblem() {
        var unused = probe.refresh();
        clock.pass(4);
        assertThat(probe.problem(PATIENCE)).isNull();
        assertThat(probe.silence(PATIENCE)).isNull();
        clock.pass(3);
        assertThat(probe.problem(PATIENCE)).isEqualTo("no answer for 7 s");
        assertThat(probe.silence(PATIENCE)).isEqualTo("no answer for 7 s");

        unused = probe.refresh();
        assertThat(runs).as("no second run besides the first").hasSize(1);
        runs.get(0).complete(null);
        assertThat(probe.problem(PATIENCE)).isNull();
    }

    @Test
    void failureIsNoSilence() {
        var unused = probe.refresh();
        runs.get(0).completeExceptionally(new IllegalStateException("secret"));

        assertThat(probe.problem(PATIENCE)).isEqualTo("failed: see the log");
        assertThat(probe.silence(PATIENCE)).isNull();
    }

    @Test
    void thrownErrorIsAFailure() {
        Probe throwing = new Probe(clock, () -> {
            throw new StoreException("the store is closed");
        });

        assertThat(throwing.refresh()).isCompleted();
        assertThat(throwing.problem(PATIENCE)).isEqualTo("the store is closed");
    }
}
