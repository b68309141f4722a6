package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Administration;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Problem;
import dev.tutti.hub.TimeSource;
import dev.tutti.security.Permissions;
import dev.tutti.security.Revocations;
import dev.tutti.settings.Settings;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class SharedRevocationsTest {
    private long seconds;
    private final TimeSource clock = new TimeSource() {
        @Override
        public long nanos() {
            return seconds * 1_000_000_000;
        }

        @Override
        public long millis() {
            return seconds * 1_000;
        }
    };
    private final FakeRedis redis = new FakeRedis();
    private final Nodes nodes = new OneNode(redis, clock, (task, nanos) -> {}, new Random(1));
    private final ServerQuestions questions = new ServerQuestions("test", nodes, Runnable::run, (task, nanos) -> {});
    private final SharedRevocations shared;

    SharedRevocationsTest() {
        Revocations revocations = new Revocations();
        Hub hub = new Hub(Settings.read(Limits.class, name -> null), "h", Runnable::run, 1, clock);
        shared = new SharedRevocations(
                "test",
                questions,
                nodes,
                new ScriptCalls(ClusterMetrics.NONE, clock),
                new Administration(hub, revocations, Permissions.ALLOW_ALL, command -> null),
                revocations,
                Duration.ofDays(1),
                Runnable::run,
                clock);
    }

    /** Has no revocations. */
    private static final class FakeRedis extends EmptyRedis {
        private Listener listener;

        @Override
        public CompletionStage<Redis> connect(Listener receiver) {
            listener = receiver;
            return super.connect(receiver);
        }
    }

    @Test
    void serverThatHasReadThemIsReadyWhileAReplicaTakesOver() {
        assertThat(isReady()).as("without a connection").isFalse();
        nodes.start(questions);
        assertThat(isReady()).as("before they are read").isFalse();
        shared.tick();
        assertThat(shared.problem()).isNull();

        redis.listener.ended(redis);
        assertThat(shared.problem()).isEqualTo(new Problem("revocations are not read yet", true));
        seconds += 29;
        assertThat(isReady()).isTrue();
        seconds++;
        assertThat(isReady()).as("after half a minute").isFalse();
    }

    private boolean isReady() {
        Problem problem = shared.problem();
        return problem == null || problem.isPartial();
    }
}
