package dev.tutti.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.security.AccessPolicy.Question;
import dev.tutti.security.Action;
import dev.tutti.security.Resource;
import dev.tutti.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class AnswersTest {
    private static final Set<Action> READ = Set.of(Action.READ);
    private static final Question GARDEN = new Question("Ann", Set.of("blue"), Resource.room("garden"));

    private final PolicyOptions options =
            Settings.read(PolicyOptions.class, name -> name.equals("access-cache-seconds") ? "40" : null);
    private final long quarter = options.cacheNanos() / 4;
    private final List<CompletableFuture<Set<Action>>> asked = new ArrayList<>();
    private long nanos = Long.MAX_VALUE - 2 * quarter; // the clock wraps during the test
    private final Answers answers = new Answers(this::ask, options, Runnable::run, Runnable::run, () -> nanos);

    private CompletionStage<Set<Action>> ask(Question question) {
        CompletableFuture<Set<Action>> answer = new CompletableFuture<>();
        asked.add(answer);
        return answer;
    }

    private void answer(Set<Action> granted) {
        asked.get(asked.size() - 1).complete(granted);
    }

    private void fail() {
        asked.get(asked.size() - 1).completeExceptionally(new IllegalStateException("away"));
    }

    private boolean isWaitedFor(Question question) {
        CompletionStage<?> unknown = answers.prepare(question);
        return unknown != null && !unknown.toCompletableFuture().isDone();
    }

    @Test
    void manyWaitForOneQuestion() {
        CompletionStage<?> first = Objects.requireNonNull(answers.prepare(GARDEN));
        CompletionStage<?> second =
                Objects.requireNonNull(answers.prepare(new Question("Ann", Set.of("blue"), Resource.room("garden"))));
        assertThat(asked).hasSize(1);
        assertThat(answers.get(GARDEN)).isNull();
        answer(READ);

        assertThat(first.toCompletableFuture()).isCompleted();
        assertThat(second.toCompletableFuture()).isCompleted();
        assertThat(answers.get(GARDEN)).isEqualTo(READ);
        assertThat(answers.prepare(GARDEN)).isNull();
        assertThat(asked).hasSize(1);
    }

    @Test
    void userRolesKindAndNameMakeAQuestion() {
        answers.prepare(GARDEN);
        answers.prepare(new Question("Ben", Set.of("blue"), Resource.room("garden")));
        answers.prepare(new Question("Ann", Set.of(), Resource.room("garden")));
        answers.prepare(new Question("Ann", Set.of("blue"), Resource.document("garden")));
        answers.prepare(new Question("Ann", Set.of("blue"), Resource.room("street")));

        assertThat(asked).hasSize(5);
    }

    @Test
    void answerInUseIsRenewedBeforeItEnds() {
        answers.prepare(GARDEN);
        answer(READ);
        nanos += quarter - 1;
        assertThat(answers.prepare(GARDEN)).isNull();
        assertThat(asked).hasSize(1);
        nanos += quarter + 1;
        assertThat(answers.prepare(GARDEN)).isNull(); // the earlier answer holds meanwhile
        assertThat(asked).hasSize(2);
        assertThat(answers.get(GARDEN)).isEqualTo(READ);
        answer(Set.of());

        assertThat(answers.get(GARDEN)).isEmpty();
    }

    @Test
    void answerEndsEvenIfThePolicyFails() {
        answers.prepare(GARDEN);
        answer(READ);
        nanos += 2 * quarter;
        answers.prepare(GARDEN);
        fail();
        assertThat(answers.get(GARDEN)).isEqualTo(READ);
        nanos += quarter - 1;
        assertThat(answers.get(GARDEN)).isEqualTo(READ);
        nanos++;

        assertThat(answers.get(GARDEN)).isNull();
        assertThat(isWaitedFor(GARDEN)).isTrue();
    }

    @Test
    void timeCountsFromTheQuestion() {
        answers.prepare(GARDEN);
        nanos += quarter;
        answer(READ);
        nanos += 2 * quarter;

        assertThat(answers.get(GARDEN)).isNull();
    }

    @Test
    void failedQuestionPauses() {
        answers.prepare(GARDEN);
        fail();
        assertThat(answers.get(GARDEN)).isNull();
        assertThat(answers.prepare(GARDEN)).isNull();
        nanos += Answers.PAUSE_NANOS - 1;
        assertThat(answers.prepare(GARDEN)).isNull();
        assertThat(asked).hasSize(1);
        nanos++;

        assertThat(isWaitedFor(GARDEN)).isTrue();
        assertThat(asked).hasSize(2);
    }

    @Test
    void forgottenAnswerIsAskedAgain() {
        answers.prepare(GARDEN);
        answer(READ);
        answers.forget("Ben");
        assertThat(answers.get(GARDEN)).isEqualTo(READ);
        answers.forget("Ann");
        assertThat(answers.get(GARDEN)).isNull();

        assertThat(isWaitedFor(GARDEN)).isTrue();
        assertThat(asked).hasSize(2);
    }

    @Test
    void allAnswersAreForgottenAtOnce() {
        answers.prepare(GARDEN);
        answer(READ);

        answers.forgetAll();

        assertThat(answers.get(GARDEN)).isNull();
    }

    @Test
    void answerToAnOutdatedQuestionDoesNotCount() {
        CompletionStage<?> unknown = Objects.requireNonNull(answers.prepare(GARDEN));
        answers.forget("Ann");
        answer(READ);
        assertThat(unknown.toCompletableFuture()).isNotDone();
        assertThat(answers.get(GARDEN)).isNull();
        assertThat(asked).hasSize(2);
        answer(Set.of());

        assertThat(unknown.toCompletableFuture()).isCompleted();
        assertThat(answers.get(GARDEN)).isEmpty();
    }

    @Test
    void tickForgetsAnswersThatHaveEnded() {
        answers.prepare(GARDEN);
        answer(READ);
        nanos += 3 * quarter - 1;
        answers.tick();
        assertThat(answers.size()).isOne();
        nanos++;
        answers.tick();

        assertThat(answers.size()).isZero();
    }

    @Test
    void leastRecentlyUsedAnswersAreForgotten() {
        Question kept = new Question("Ann", Set.of(), Resource.room("kept"));
        answers.prepare(GARDEN);
        answer(READ);
        answers.prepare(kept);
        answer(READ);
        for (int i = 2; i < Answers.MAX; i++) {
            answers.prepare(new Question("Ann", Set.of(), Resource.room("room-" + i)));
            answer(READ);
        }
        assertThat(answers.get(kept)).isEqualTo(READ);
        assertThat(answers.size()).isEqualTo(Answers.MAX);
        answers.prepare(new Question("Ann", Set.of(), Resource.room("one-more")));

        assertThat(answers.size()).isEqualTo(Answers.MAX);
        assertThat(answers.get(GARDEN)).isNull();
        assertThat(answers.get(kept)).isEqualTo(READ);
    }
}
