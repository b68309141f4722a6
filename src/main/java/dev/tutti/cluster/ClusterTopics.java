package dev.tutti.cluster;

import dev.tutti.hub.OtherServers.Texts;
import dev.tutti.hub.OtherServers.Topic;
import dev.tutti.security.UnavailableException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Asks all other servers in texts on a topic, and answers them. Safe for any thread; no method blocks. */
final class ClusterTopics {
    /** Questions of this server at a time: each server may answer a message of some hundred kilobytes. */
    private static final int MAX_ASKED = 16;

    private final ServerQuestions questions;
    private final ConcurrentMap<Topic, Function<String, CompletionStage<String>>> answerers = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();

    /** Answers no question until {@link #answer} is called: the server starts. */
    ClusterTopics(ServerQuestions questions) {
        this.questions = questions;
        for (Topic topic : Topic.values()) {
            questions.handle(kind(topic), arguments -> answer(topic, arguments));
        }
    }

    private static String kind(Topic topic) {
        return topic.name().toLowerCase(Locale.ROOT);
    }

    void answer(Topic topic, Function<String, CompletionStage<String>> answerer) {
        answerers.put(topic, answerer);
    }

    private CompletionStage<List<String>> answer(Topic topic, List<String> arguments) {
        Function<String, CompletionStage<String>> answerer = answerers.get(topic);
        if (answerer == null) {
            return CompletableFuture.failedFuture(new UnavailableException("this server starts"));
        }
        return answerer.apply(text(arguments)).thenApply(List::of);
    }

    /** The stage of {@link dev.tutti.hub.OtherServers#ask}. */
    CompletionStage<Texts> ask(Topic topic, String question) {
        if (asked.incrementAndGet() > MAX_ASKED) {
            asked.decrementAndGet();
            return CompletableFuture.failedFuture(
                    new UnavailableException("too many requests wait for the other servers: try again"));
        }
        return questions
                .ask(
                        new Question(kind(topic), List.of(question)),
                        ServerQuestions.Sender.PUBLISH,
                        topic.patienceNanos())
                .whenComplete((answers, failure) -> asked.decrementAndGet())
                .thenApply(answers -> new Texts(
                        answers.values().stream().map(ClusterTopics::text).toList(), answers.missing()));
    }

    private static String text(List<String> values) {
        if (values.size() != 1) {
            throw new FormatException("a text of " + values.size() + " values");
        }
        return values.get(0);
    }
}
