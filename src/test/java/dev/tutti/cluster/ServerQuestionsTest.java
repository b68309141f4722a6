package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.cluster.Question.Answers;
import dev.tutti.hub.TimeSource;
import dev.tutti.security.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ServerQuestionsTest {
    private static final Question QUESTION = new Question("command", List.of("disconnect", "ann"));

    private final FakeRedis redis = new FakeRedis();
    private final List<Runnable> timers = new ArrayList<>();
    private final Nodes nodes = new OneNode(redis, TimeSource.SYSTEM, (task, nanos) -> {}, new Random(1));
    private final ServerQuestions questions =
            new ServerQuestions("test", nodes, Runnable::run, (task, nanos) -> timers.add(task));

    ServerQuestionsTest() {
        nodes.start(questions);
    }

    /** Keeps the publications. */
    private static final class FakeRedis extends EmptyRedis {
        private final List<String> channels = new ArrayList<>();
        private final List<byte[]> messages = new ArrayList<>();
        private final CompletableFuture<Long> receivers = new CompletableFuture<>();

        @Override
        public CompletionStage<?> subscribe(String channel) {
            channels.add(channel);
            return super.subscribe(channel);
        }

        @Override
        public void unsubscribe(String channel) {}

        @Override
        public CompletionStage<Long> publish(String channel, byte[] message) {
            messages.add(message);
            return receivers;
        }
    }

    private CompletableFuture<Answers> ask() {
        return questions
                .ask(QUESTION, ServerQuestions.Sender.PUBLISH, TimeUnit.SECONDS.toNanos(2))
                .toCompletableFuture();
    }

    private void answer(String server, String value) {
        long number = ServerMessage.decode(redis.messages.get(0)).number();
        String channel = redis.channels.get(redis.channels.size() - 1);
        questions.received(channel, new ServerMessage(server, number, List.of(value)).encode());
    }

    private void receiveQuestion(String kind) {
        questions.received("test:servers", new ServerMessage("other", 1, List.of(kind)).encode());
    }

    @Test
    void answersMayComeBeforeTheirNumber() {
        CompletableFuture<Answers> answers = ask();
        answer("b", "1");
        answer("c", "2");
        assertThat(answers).isNotDone();

        redis.receivers.complete(3L);

        assertThat(answers).isCompletedWithValue(new Answers(2, List.of(List.of("1"), List.of("2"))));
    }

    @Test
    void missingAnswersAreCountedWhenTheTimeIsOver() {
        CompletableFuture<Answers> answers = ask();
        redis.receivers.complete(3L);
        answer("b", "1");
        assertThat(answers).isNotDone();

        timers.forEach(Runnable::run);
        answer("c", "too late");

        assertThat(answers.join().missing()).isOne();
    }

    @Test
    void loneServerWaitsForNobody() {
        redis.receivers.complete(1L);

        assertThat(ask()).isCompletedWithValue(new Answers(0, List.of()));
    }

    @Test
    void questionThatNotEvenThisServerReceivesFails() {
        redis.receivers.complete(0L);

        assertThat(ask())
                .failsWithin(0, TimeUnit.SECONDS)
                .withThrowableThat()
                .withCauseInstanceOf(UnavailableException.class);
    }

    @Test
    void endOfTheConnectionFailsWhatWaits() {
        CompletableFuture<Answers> answers = ask();

        questions.disconnected(Set.of(Nodes.SERVERS));

        assertThat(answers).isCompletedExceptionally();
    }

    @Test
    void questionsMayBeMissedBeforeEachConnection() {
        ServerQuestions.Reception before = questions.reception();
        questions.connected(redis, Set.of(0));
        assertThat(questions.reception()).as("of another part").isEqualTo(before);

        questions.connected(redis, Set.of(Nodes.SERVERS));

        assertThat(questions.reception()).isNotEqualTo(before);
    }

    @Test
    void questionsBeyondTheLimitAreMissedAndNoticed() {
        CompletableFuture<List<String>> endless = new CompletableFuture<>();
        questions.handle("slow", arguments -> endless);
        ServerQuestions.Reception all = questions.reception();
        for (int i = 0; i < 1_000; i++) {
            receiveQuestion("slow");
        }
        assertThat(questions.reception()).isEqualTo(all);
        receiveQuestion("slow");
        assertThat(questions.reception()).isNotEqualTo(all);
        assertThat(redis.messages).isEmpty();

        endless.complete(List.of("done"));

        assertThat(redis.messages).hasSize(1_000);
        receiveQuestion("slow");
        assertThat(redis.messages).hasSize(1_001);
    }

    @Test
    void unknownQuestionsAreNotAnswered() {
        receiveQuestion("of a later version");
        questions.received("test:servers", new byte[] {1, 2, 3});
        questions.received("test:servers", new byte[(1 << 20) + 1]);

        assertThat(redis.messages).isEmpty();
    }
}
