package dev.tutti.cluster;

import dev.tutti.cluster.Question.Answers;
import dev.tutti.hub.Timer;
import dev.tutti.security.UnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Asks all other servers by a message on one channel, which Redis counts, and collects their answers on a channel of this server; and answers the questions
 * of others. Safe for any thread; no method blocks.
 */
final class ServerQuestions implements Nodes.Observer {
    private static final Logger LOG = System.getLogger(ServerQuestions.class.getName());

    /** Questions that wait for answers. */
    private static final int MAX_OPEN = 1_000;

    /** Questions of others that are being answered. */
    private static final int MAX_RUNNING = 1_000;

    /** Of a message; the longest names are far shorter. */
    private static final int MAX_BYTES = 1 << 20;

    /** Sends a question. */
    @FunctionalInterface
    interface Sender {
        /** Sends by {@link Redis#publish}, alone. */
        Sender PUBLISH = Redis::publish;

        /** Sends a message on a channel; returns the number of servers that receive it. */
        CompletionStage<Long> send(Redis redis, String channel, byte[] message);
    }

    /**
     * How this server receives questions. It has missed none between two receptions that are equal.
     *
     * @param misses how often it may have missed some: before each connection, and because there were too many
     */
    record Reception(Redis redis, int misses) {}

    /** A question that waits for answers. Guarded by the questions. */
    private static final class Open {
        private final CompletableFuture<Answers> stage = new CompletableFuture<>();
        private final List<List<String>> values = new ArrayList<>();
        /** The number of other servers; -1 until it is known. */
        private int asked = -1;

        boolean isComplete() {
            return asked >= 0 && values.size() >= asked;
        }
    }

    /** Of this server; no other one has it. */
    private final String server = Long.toString(new SecureRandom().nextLong(), Character.MAX_RADIX);

    private final String answersPrefix;
    /** Every server receives it. */
    private final String questionsChannel;
    /** Only this server receives it. */
    private final String answersChannel;

    private final Nodes nodes;
    private final Executor executor;
    private final Timer timer;
    private final ConcurrentMap<String, Question.Handler> handlers = new ConcurrentHashMap<>();
    private final AtomicInteger running = new AtomicInteger();
    /** See {@link Reception}. */
    private final AtomicInteger misses = new AtomicInteger();
    /** A message that this version does not understand has been logged. */
    private final AtomicBoolean isLogged = new AtomicBoolean();

    // Guarded by this.
    private final Map<Long, Open> open = new HashMap<>();
    private long lastNumber;

    ServerQuestions(String prefix, Nodes nodes, Executor executor, Timer timer) {
        String start = nodes.serversPrefix(prefix);
        this.answersPrefix = start + ":server:";
        this.questionsChannel = start + ":servers";
        this.answersChannel = answersPrefix + server;
        this.nodes = nodes;
        this.executor = executor;
        this.timer = timer;
    }

    /** Answers the questions of a kind from now on. */
    void handle(String kind, Question.Handler handler) {
        handlers.put(kind, handler);
    }

    /**
     * Asks all other servers.
     *
     * @return the answers that come in time; fails with {@link UnavailableException} without a connection
     */
    CompletionStage<Answers> ask(Question question, Sender sender, long patienceNanos) {
        Redis redis = nodes.of(Nodes.SERVERS);
        if (redis == null) {
            return CompletableFuture.failedFuture(Away.toOthers());
        }
        Open asked = new Open();
        long number;
        synchronized (this) {
            if (open.size() >= MAX_OPEN) {
                return CompletableFuture.failedFuture(
                        new UnavailableException("too many requests wait for the other servers: try again"));
            }
            number = ++lastNumber;
            open.put(number, asked);
        }
        byte[] message = new ServerMessage(server, number, question.values()).encode();
        var unused = nodes.follow(Nodes.SERVERS, redis, at -> send(sender, at, questionsChannel, message))
                .whenComplete((receivers, failure) -> sent(number, receivers, failure));
        timer.schedule(() -> timeOut(number), patienceNanos);
        return asked.stage;
    }

    private static CompletionStage<Long> send(Sender sender, Redis redis, String channel, byte[] message) {
        if (message.length > MAX_BYTES) {
            return CompletableFuture.failedFuture(new FormatException("a message of " + message.length + " bytes"));
        }
        try {
            return sender.send(redis, channel, message);
        } catch (RuntimeException e) { // from the client for Redis
            return CompletableFuture.failedFuture(e);
        }
    }

    private void sent(long number, @Nullable Long receivers, @Nullable Throwable failure) {
        Open asked;
        synchronized (this) {
            asked = open.get(number);
            if (asked == null) {
                return;
            }
            if (receivers != null && receivers > 0) {
                asked.asked = (int) (receivers - 1); // this server is one of them
                if (!asked.isComplete()) {
                    return;
                }
            }
            open.remove(number);
        }
        if (asked.asked >= 0) {
            complete(asked);
            return;
        }
        if (failure != null && nodes.of(Nodes.SERVERS) != null) {
            nodes.refused(Nodes.SERVERS, failure);
        }
        fail(asked); // also if not even this server has received it: then nobody may subscribe
    }

    private void timeOut(long number) {
        Open asked;
        synchronized (this) {
            asked = open.remove(number);
        }
        if (asked != null && asked.asked < 0) {
            fail(asked);
        } else if (asked != null) {
            complete(asked);
        }
    }

    private void receivedAnswer(ServerMessage answer) {
        Open asked;
        synchronized (this) {
            asked = open.get(answer.number());
            if (asked == null) {
                return; // it came too late
            }
            asked.values.add(answer.values());
            if (!asked.isComplete()) {
                return;
            }
            open.remove(answer.number());
        }
        complete(asked);
    }

    /** Called after the question was removed: nobody changes it any more. */
    private void complete(Open asked) {
        executor.execute(() -> asked.stage.complete(new Answers(asked.asked, asked.values)));
    }

    private void fail(Open asked) {
        executor.execute(() -> asked.stage.completeExceptionally(Away.toOthers()));
    }

    @Override
    public void connected(Redis redis, Set<Integer> parts) {
        if (parts.contains(Nodes.SERVERS)) {
            subscribe(redis, questionsChannel);
            subscribe(redis, answersChannel);
            misses.incrementAndGet();
        }
    }

    private void subscribe(Redis redis, String channel) {
        var unused = redis.subscribe(channel)
                .whenCompleteAsync(
                        (done, failure) -> {
                            if (failure != null) {
                                nodes.refused(Nodes.SERVERS, failure);
                            }
                        },
                        executor); // not under the monitors of the caller
    }

    @Override
    public void disconnected(Set<Integer> parts) {
        if (!parts.contains(Nodes.SERVERS)) {
            return;
        }
        List<Open> failed;
        synchronized (this) {
            failed = List.copyOf(open.values());
            open.clear();
        }
        failed.forEach(this::fail);
    }

    @Override
    public void received(String channel, byte[] message) {
        boolean isQuestion = channel.equals(questionsChannel);
        if (!isQuestion && !channel.equals(answersChannel)) {
            return;
        }
        try {
            if (message.length > MAX_BYTES) {
                throw new FormatException("a message of " + message.length + " bytes");
            }
            ServerMessage decoded = ServerMessage.decode(message);
            if (!isQuestion) {
                receivedAnswer(decoded);
            } else if (!decoded.server().equals(server)) {
                receivedQuestion(decoded);
            }
        } catch (FormatException e) {
            log(e);
        }
    }

    private void receivedQuestion(ServerMessage question) {
        String kind = question.values().isEmpty() ? "" : question.values().get(0);
        Question.Handler handler = handlers.get(kind);
        if (handler == null) {
            throw new FormatException("a question of the kind '" + kind + "'");
        }
        if (running.incrementAndGet() > MAX_RUNNING) {
            running.decrementAndGet();
            misses.incrementAndGet();
            return;
        }
        executor.execute(() -> answer(question, handler));
    }

    private void answer(ServerMessage question, Question.Handler handler) {
        CompletionStage<List<String>> answer;
        try {
            answer = handler.answer(
                    question.values().subList(1, question.values().size()));
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        var unused = answer.whenComplete((values, failure) -> {
            running.decrementAndGet();
            Redis redis = nodes.of(Nodes.SERVERS);
            if (failure instanceof UnavailableException) {
                LOG.log(Level.DEBUG, "a question of another server is not answered: {0}", failure.getMessage());
            } else if (failure != null) {
                log(failure); // and the other server learns that this one has not confirmed
            } else if (redis != null) {
                byte[] message = new ServerMessage(server, question.number(), values).encode();
                var unusedToo = send(Sender.PUBLISH, redis, answersPrefix + question.server(), message);
            }
        });
    }

    /** Returns how this server receives questions now; null without a connection. */
    @Nullable
    Reception reception() {
        Redis redis = nodes.of(Nodes.SERVERS);
        return redis == null ? null : new Reception(redis, misses.get());
    }

    /** Logs the first one alone: another version may send many. */
    private void log(Throwable failure) {
        if (!isLogged.getAndSet(true)) {
            LOG.log(
                    Level.WARNING,
                    "another server has sent something that this one does not understand, such as another version: {0}",
                    failure.getMessage());
        }
    }
}
