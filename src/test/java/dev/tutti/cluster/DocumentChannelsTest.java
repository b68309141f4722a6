package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.DocumentRelay;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Metrics;
import dev.tutti.hub.TimeSource;
import dev.tutti.settings.Settings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The channels of documents of two servers, on a model of Redis. */
class DocumentChannelsTest {
    private static final byte[] GREETING = "hello".getBytes(UTF_8);

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final SimulatedRedis redis = new SimulatedRedis(tasks::add, TimeSource.SYSTEM, (position, data) -> {});
    private final DocumentRelay a = server("a");
    private final DocumentRelay b = server("b");

    private static final class Receiver implements DocumentRelay.Receiver {
        private final List<String> received = new ArrayList<>();
        private int connections;

        @Override
        public void connected() {
            connections++;
        }

        @Override
        public void received(byte[] message) {
            received.add(new String(message, UTF_8));
        }
    }

    private DocumentRelay server(String name) {
        Cluster cluster = redis.newCluster();
        Limits limits = Settings.read(Limits.class, setting -> null);
        assertThat(new Hub(limits, name, tasks::add, 1, TimeSource.SYSTEM, Metrics.NONE, cluster))
                .isNotNull(); // it makes the cluster connect
        settle();
        return cluster.documents();
    }

    private void settle() {
        for (Runnable task; (task = tasks.poll()) != null; ) {
            task.run();
        }
    }

    @Test
    void greetingComesBackBeforeTheChannelIsConnected() {
        Receiver receiver = new Receiver();
        var unused = a.open("plan", GREETING, receiver);
        assertThat(receiver.connections).isZero();
        settle();
        assertThat(receiver.connections).isEqualTo(1);
        assertThat(receiver.received).containsExactly("hello");
    }

    @Test
    void messageReachesTheServersThatHaveTheDocumentOpen() {
        Receiver first = new Receiver();
        Receiver second = new Receiver();
        DocumentRelay.Channel channel = a.open("plan", GREETING, first);
        var unused = b.open("plan", GREETING, second);
        settle();
        CompletableFuture<Long> sent = channel.send("change".getBytes(UTF_8)).toCompletableFuture();
        CompletableFuture<Long> other =
                a.send("other", "change".getBytes(UTF_8)).toCompletableFuture();
        settle();
        assertThat(sent.join()).isEqualTo(2);
        assertThat(other.join()).isZero();
        assertThat(first.received).endsWith("change");
        assertThat(second.received).endsWith("change");
    }

    @Test
    void documentThatIsOpenAgainStaysSubscribed() {
        Receiver first = new Receiver();
        Receiver again = new Receiver();
        DocumentRelay.Channel closed = a.open("plan", GREETING, first);
        settle();
        DocumentRelay.Channel open = a.open("plan", GREETING, again);
        closed.close();
        settle();
        CompletableFuture<Long> sent = b.send("plan", "change".getBytes(UTF_8)).toCompletableFuture();
        settle();
        assertThat(sent.join()).isEqualTo(1);
        assertThat(again.connections).isEqualTo(1);
        assertThat(again.received).endsWith("change");
        open.close();
        settle();
        sent = b.send("plan", "change".getBytes(UTF_8)).toCompletableFuture();
        settle();
        assertThat(sent.join()).isZero();
    }

    @Test
    void channelIsConnectedAgainAfterAFault() {
        Receiver receiver = new Receiver();
        DocumentRelay.Channel channel = a.open("plan", GREETING, receiver);
        settle();
        redis.breakConnection(0);
        assertThat(channel.isConnected()).isFalse();
        assertThat(channel.send(GREETING).toCompletableFuture()).isCompletedExceptionally();
        settle();
        assertThat(channel.isConnected()).isTrue();
        assertThat(receiver.connections).isEqualTo(2);
    }

    @Test
    void messagesOnTheirWayAreBounded() {
        byte[] message = new byte[1 << 20];
        for (long sent = 0; sent + message.length < DocumentChannels.MAX_BYTES; sent += message.length) {
            assertThat(a.send("plan", message).toCompletableFuture()).isNotDone();
        }
        assertThat(a.send("plan", message).toCompletableFuture()).isCompletedExceptionally();
        settle();
        assertThat(a.send("plan", message).toCompletableFuture()).isNotDone();
    }
}
