package dev.tutti.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.security.AccessPolicy;
import dev.tutti.security.AccessPolicy.Question;
import dev.tutti.security.Action;
import dev.tutti.security.Resource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class QuestionsTest {
    private static final long LIMIT_NANOS = 2_000_000_000L;
    private static final Set<Action> READ = Set.of(Action.READ);

    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final List<CompletableFuture<Set<Action>>> asked = new ArrayList<>();
    private final List<String> answered = Collections.synchronizedList(new ArrayList<>());
    private long nanos = Long.MAX_VALUE - LIMIT_NANOS; // the clock wraps during the test
    private final Questions questions = questions(question -> {
        CompletableFuture<Set<Action>> answer = new CompletableFuture<>();
        asked.add(answer);
        return answer;
    });

    private Questions questions(AccessPolicy policy) {
        return new Questions(
                policy,
                LIMIT_NANOS,
                () -> nanos,
                threads::add,
                (question, granted) -> answered.add(question.resource().name() + "=" + granted));
    }

    private static Question about(String room) {
        return new Question("Ann", Set.of(), Resource.room(room));
    }

    private void run() {
        for (Runnable task = threads.poll(); task != null; task = threads.poll()) {
            task.run();
        }
    }

    private void ask(Questions of, String... rooms) {
        for (String room : rooms) {
            of.ask(about(room));
        }
        run();
    }

    @Test
    void answerReachesTheListener() {
        ask(questions, "garden");
        assertThat(answered).isEmpty();
        asked.get(0).complete(READ);

        assertThat(answered).containsExactly("garden=[READ]");
    }

    @Test
    void everyKindOfFailureIsNoAnswer() {
        ask(questions, "a", "b", "c");
        asked.get(0).completeExceptionally(new IllegalStateException("broken"));
        asked.get(1).complete(null);
        asked.get(2).complete(Collections.singleton(null));
        ask(
                questions(question -> {
                    throw new IllegalStateException("broken");
                }),
                "d");
        ask(questions(question -> null), "e");

        assertThat(answered).containsExactly("a=null", "b=null", "c=null", "d=null", "e=null");
    }

    @Test
    void fewQuestionsAreAskedAtOnceInTheirOrder() {
        for (int i = 0; i <= Questions.AT_ONCE; i++) {
            questions.ask(about("room-" + i));
        }
        run();
        assertThat(asked).hasSize(Questions.AT_ONCE);
        asked.get(3).complete(READ);
        run();

        assertThat(asked).hasSize(Questions.AT_ONCE + 1);
        asked.get(Questions.AT_ONCE).complete(Set.of());
        assertThat(answered).containsExactly("room-3=[READ]", "room-" + Questions.AT_ONCE + "=[]");
    }

    @Test
    void usersTakeTurnsAndGuestsAreOneOfThem() {
        for (int i = 0; i < Questions.AT_ONCE; i++) {
            questions.ask(about("busy"));
        }
        for (int i = 0; i < 3; i++) {
            questions.ask(new Question("guest:" + i, Set.of(), Resource.room("guest-" + i)));
        }
        questions.ask(new Question("", Set.of(), Resource.room("guest-3")));
        questions.ask(new Question("Bob", Set.of(), Resource.room("bob")));
        run();
        for (int i = 0; i < Questions.AT_ONCE + 5; i++) {
            asked.get(i).complete(READ);
            run();
        }

        assertThat(answered.subList(Questions.AT_ONCE, answered.size()))
                .containsExactly("guest-0=[READ]", "bob=[READ]", "guest-1=[READ]", "guest-2=[READ]", "guest-3=[READ]");
    }

    @Test
    void fullUserFailsAtOnceOthersWait() {
        for (int i = 0; i < Questions.AT_ONCE + Questions.MAX_WAITING_OF_USER; i++) {
            questions.ask(about("busy"));
        }
        run();
        assertThat(answered).isEmpty();
        questions.ask(about("too-many"));
        questions.ask(new Question("Bob", Set.of(), Resource.room("bob")));

        assertThat(answered).containsExactly("too-many=null");
    }

    @Test
    void policyThatNeverAnswersFailsAndFreesItsPlace() {
        for (int i = 0; i < Questions.AT_ONCE; i++) {
            questions.ask(about("lost"));
        }
        run();
        nanos += LIMIT_NANOS - 1;
        questions.tick();
        assertThat(answered).isEmpty();
        nanos++;
        questions.tick();
        assertThat(answered).hasSize(Questions.AT_ONCE).containsOnly("lost=null");

        ask(questions, "garden");
        asked.get(Questions.AT_ONCE).complete(READ);
        asked.get(0).complete(READ); // too late
        assertThat(answered).hasSize(Questions.AT_ONCE + 1).endsWith("garden=[READ]");
    }

    @Test
    void questionsThatWaitTooLongFailWithoutBeingAsked() {
        for (int i = 0; i <= Questions.AT_ONCE; i++) {
            questions.ask(about("room-" + i));
        }
        run();
        nanos += LIMIT_NANOS;
        questions.tick();
        run();

        assertThat(asked).hasSize(Questions.AT_ONCE);
        assertThat(answered).hasSize(Questions.AT_ONCE + 1);
    }

    @Test
    void tooManyWaitingQuestionsFailAtOnce() {
        for (int i = 0; i < Questions.AT_ONCE + Questions.MAX_WAITING; i++) {
            questions.ask(new Question("user-" + i % 20, Set.of(), Resource.room("room")));
        }
        assertThat(answered).isEmpty();
        questions.ask(about("one-more"));

        assertThat(answered).containsExactly("one-more=null");
    }

    @Test
    void blockingPolicyIsInterruptedAndItsPlaceReturns() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(Questions.AT_ONCE);
        try {
            CountDownLatch blocked = new CountDownLatch(Questions.AT_ONCE);
            Questions blocking = new Questions(
                    question -> block(question, blocked),
                    LIMIT_NANOS,
                    () -> nanos,
                    pool,
                    (question, granted) -> answered.add(question.resource().name() + "=" + granted));
            for (int i = 0; i < Questions.AT_ONCE; i++) {
                blocking.ask(about("slow"));
            }
            assertThat(blocked.await(10, TimeUnit.SECONDS)).isTrue();
            nanos += LIMIT_NANOS;
            blocking.tick();
            blocking.ask(about("quick"));
            await().atMost(Duration.ofSeconds(10)).until(() -> answered.size() > Questions.AT_ONCE);
            assertThat(answered).containsOnlyOnce("quick=[READ]"); // an interrupted call may report its failure later
        } finally {
            pool.shutdownNow();
        }
    }

    private static CompletionStage<Set<Action>> block(Question question, CountDownLatch blocked) {
        if (question.resource().name().equals("slow")) {
            blocked.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        return CompletableFuture.completedFuture(READ);
    }
}
