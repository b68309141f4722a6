package dev.tutti.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Administration;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Command;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.OtherServers;
import dev.tutti.hub.TimeSource;
import dev.tutti.security.Permissions;
import dev.tutti.security.Revocations;
import dev.tutti.security.UnavailableException;
import dev.tutti.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The drain of one of three servers. */
class ServerDrainTest {
    private final List<Server> servers = new ArrayList<>();
    private final Server a = new Server("a");
    private final Server b = new Server("b");
    private final Server c = new Server("c");

    /** A server that reaches the others at once, unless it is away. */
    private final class Server implements OtherServers {
        private final Map<Topic, Function<String, CompletionStage<String>>> answerers = new EnumMap<>(Topic.class);
        private final String name;
        private final Drain drain;
        private final ServerDrain serverDrain;
        /** Questions that wait, behind a first element; empty if they are answered at once. */
        private List<Runnable> waiting = List.of();

        private boolean isAway;
        private boolean isSilent;

        Server(String name) {
            this.name = name;
            Hub hub = new Hub(Settings.read(Limits.class, setting -> null), name, Runnable::run, 1, TimeSource.SYSTEM);
            drain = new Drain(hub, (task, nanos) -> {}, CloseCode.GOING_AWAY);
            serverDrain = new ServerDrain(
                    drain, hub, new Administration(hub, new Revocations(), Permissions.ALLOW_ALL, this));
            servers.add(this);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public CompletionStage<Integer> run(Command command) {
            return CompletableFuture.completedFuture(0);
        }

        @Override
        public void answer(Topic topic, Function<String, CompletionStage<String>> answerer) {
            answerers.put(topic, answerer);
        }

        @Override
        public CompletionStage<Texts> ask(Topic topic, String question) {
            if (isAway) {
                return CompletableFuture.failedFuture(new UnavailableException("away"));
            }
            CompletableFuture<Texts> answers = new CompletableFuture<>();
            if (waiting.isEmpty()) {
                answers.complete(askNow(topic, question));
            } else {
                waiting.add(() -> answers.complete(askNow(topic, question)));
            }
            return answers;
        }

        private Texts askNow(Topic topic, String question) {
            List<String> texts = servers.stream()
                    .filter(other -> other != this && !other.isSilent && !other.isAway)
                    .map(other -> Objects.requireNonNull(other.answerers.get(topic))
                            .apply(question)
                            .toCompletableFuture()
                            .join())
                    .toList();
            return new Texts(texts, servers.size() - 1 - texts.size());
        }

        private CompletableFuture<ServerDrain.Began> drain(String server, boolean force) {
            return serverDrain.begin(new ServerDrain.Order(server, 4, 2, force)).toCompletableFuture();
        }

        private boolean drains() {
            return drain.phase() != Drain.Phase.SERVING;
        }
    }

    private static void assertRefused(CompletableFuture<?> stage, Class<? extends Exception> type, String message) {
        assertThat(stage)
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withRootCauseInstanceOf(type)
                .withMessageContaining(message);
    }

    @Test
    void anyServerDrainsAnother() {
        assertThat(a.drain("b", false).join().server()).isEqualTo("b");

        assertThat(b.drains()).isTrue();
        assertThat(a.drains()).isFalse();
        assertThat(c.drains()).isFalse();
        assertThat(c.drain("b", false).join().server()).as("again").isEqualTo("b");
    }

    @Test
    void secondServerDrainsOnlyByForce() {
        var unused = a.drain("a", false);

        assertRefused(b.drain("b", false), ApiException.class, "the server a drains, or has drained");
        assertRefused(a.drain("b", false), ApiException.class, "the server a drains, or has drained");
        assertThat(b.drains()).isFalse();

        assertThat(a.drain("b", true)).isCompleted();
        assertThat(b.drains()).isTrue();
    }

    @Test
    void ofTwoThatBeginAtOnceNotBothDrain() {
        for (Server server : List.of(a, b)) {
            server.waiting = new ArrayList<>(List.of(() -> {}));
        }
        CompletableFuture<?> ofA = a.drain("a", false);
        CompletableFuture<?> ofB = b.drain("b", false);
        a.waiting.forEach(Runnable::run);
        b.waiting.forEach(Runnable::run);

        assertRefused(ofA, ApiException.class, "the server b drains");
        assertThat(ofB).as("a does not want it any more").isCompleted();
        assertThat(a.drains()).isFalse();
        assertThat(b.drains()).isTrue();
    }

    @Test
    void unknownStatesOfOthersAreRefused() {
        c.isSilent = true;
        assertRefused(a.drain("a", false), UnavailableException.class, "not all servers have said");
        assertRefused(b.drain("a", false), ApiException.class, "not all servers have said");
        assertRefused(a.drain("c", false), UnavailableException.class, "the server c has not answered");
        assertThat(a.drains()).isFalse();

        a.isAway = true;
        assertRefused(a.drain("a", false), UnavailableException.class, "not all servers have said");
        assertThat(a.drain("a", true)).isCompleted();
    }

    @Test
    void unknownServerIsReported() {
        assertRefused(a.drain("d", false), ApiException.class, "there is no server of this name");
    }
}
