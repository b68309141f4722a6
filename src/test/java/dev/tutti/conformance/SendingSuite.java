package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a transport of its own for a container must not change, and that it makes no thread of a room wait. */
@Timeout(180)
@Tag("alone")
abstract class SendingSuite<S extends ContainerServer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** The smallest receive buffer that is of use: a peer with it stalls after few bytes. */
    private static final int RECEIVE_BUFFER_BYTES = 2048;

    /** A thread of rooms, of the clock or of a session, that waits for a peer. */
    private final Pattern waitingSender;

    private final String containerPackage;

    S server;

    /** The log of the start, which may hold warnings of the container. */
    private String logOfStart;

    /** @param containerPackage of the container's code, which a waiting thread runs */
    SendingSuite(String containerPackage) {
        this.containerPackage = containerPackage;
        this.waitingSender = waiting("tutti-(?:room|clock)-");
    }

    /** Returns the server with its default configuration. */
    abstract S server();

    final void start(S made) throws Exception {
        server = made;
        server.optimizing()
                .with("max-connections-per-address", "2000")
                .with("max-messages-per-second", "0")
                .with("ping-seconds", "60") // pings are those of the transport
                .with("max-queued-bytes", "65536");
        server.start();
        logOfStart = server.log();
    }

    @AfterEach
    final void stop() throws Exception {
        server.stop();
    }

    /** Matches a thread in a thread dump that waits inside the container's code. */
    final Pattern waiting(String name) {
        return Pattern.compile("\"" + name + "\\d+\"[^\\n]*\\n[^\\n]*: (?:TIMED_)?WAITING[^\\n]*\\n"
                + "(?:\\s+(?:at|-) [^\\n]*\\n)*?\\s+at " + Pattern.quote(containerPackage) + "[^\\n]*");
    }

    /** Returns a thread dump, in which no thread of rooms waits for a peer. */
    private String dumpWithoutWaitingSender() throws Exception {
        String dump = server.jcmd("Thread.print");
        assertThat(dump).contains("\"tutti-room-1\"").doesNotContainPattern(waitingSender);
        return dump;
    }

    /** Connects peers that read and answer pings until they have received {@code count} messages, and then never read again. */
    private List<RawClient> stalledAfterPong(int peers, JdkClient sender, String path, int count, String message)
            throws Exception {
        List<RawClient> stalled = new ArrayList<>();
        for (int i = 0; i < peers; i++) {
            stalled.add(RawClient.connect(server, path, RECEIVE_BUFFER_BYTES));
        }
        await().atMost(TIMEOUT).until(() -> server.clients() >= peers + 1);
        for (int i = 0; i < count; i++) {
            sender.send(message);
            for (RawClient peer : stalled) {
                assertThat(peer.readText()).isEqualTo(message);
            }
        }
        return stalled;
    }

    /** Stalls many peers in one room, and sends to it and to another one until all stalled peers are closed. */
    final void assertThatStalledPeersDelayNobody() throws Exception {
        String message = "\"" + "x".repeat(1_000) + "\"";
        List<RawClient> stalled = List.of();
        long worstNanos = 0;
        try (JdkClient sender = JdkClient.join(server, "/ws/stalled");
                JdkClient other = JdkClient.join(server, "/ws/other")) {
            stalled = stalledAfterPong(1_000, sender, "/ws/stalled", 20, message);
            int before = sender.count();
            for (int i = 1; server.clients() > 2; i++) {
                long from = System.nanoTime();
                sender.send(message);
                other.send("\"" + i + "\"");
                awaitCount(sender, before + i);
                awaitCount(other, i);
                worstNanos = Math.max(worstNanos, System.nanoTime() - from);
                if (i % 16 == 0) {
                    dumpWithoutWaitingSender();
                }
            }
        } finally {
            close(stalled);
        }
        assertThat(Duration.ofNanos(worstNanos)).isLessThan(Duration.ofSeconds(2));
    }

    /** Checks other threads in a dump. */
    void checkThreads(String dump) {}

    private static void close(List<RawClient> peers) throws Exception {
        for (RawClient peer : peers) {
            peer.close();
        }
    }

    private static void awaitCount(JdkClient client, int count) {
        await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(2)).until(() -> client.count() >= count);
    }

    /** Stalls peers with default buffers, and sends to them until all are closed. */
    final void assertThatStalledPeersWithDefaultBuffersMakeNobodyWait() throws Exception {
        String message = "\"" + "x".repeat(6_000) + "\"";
        List<RawClient> stalled = List.of();
        try (JdkClient sender = JdkClient.join(server, "/ws/stalled")) {
            stalled = stalledAfterPong(50, sender, "/ws/stalled", 10, message);
            int before = sender.count();
            for (int i = 1; server.clients() > 1; i++) { // until the kernel's buffers are full, and the queues
                sender.send(message);
                awaitCount(sender, before + i);
                if (i % 20 == 0) {
                    checkThreads(dumpWithoutWaitingSender());
                }
            }
        } finally {
            close(stalled);
        }
    }

    @Test
    void messagesOfAllSizesArriveInOrder() throws Exception {
        start(server());
        Random random = new Random(17);
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            int bytes = random.nextInt(10) == 0 ? random.nextInt(20_000) : random.nextInt(200);
            messages.add("\"" + i + "é".repeat(bytes / 2) + "\"");
        }
        try (JdkClient sender = JdkClient.join(server, "/ws/order");
                JdkClient reader = JdkClient.join(server, "/ws/order")) {
            for (int sent = 0; sent < messages.size(); sent++) {
                sender.send(messages.get(sent));
                awaitCount(reader, sent - 100); // so that some wait for each other, and none too many
            }
            awaitCount(reader, messages.size());
            awaitCount(sender, messages.size());

            assertThat(reader.received()).isEqualTo(messages);
            assertThat(sender.received()).isEqualTo(messages);
        }
        assertThat(server.log()).startsWith(logOfStart);
        assertThat(server.log().substring(logOfStart.length())).doesNotContain("SEVERE", "WARNING");
    }
}
