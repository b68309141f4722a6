package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.Tutti;
import dev.tutti.standalone.guard.LingeringClose;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Many connections that behave in different ways leave no resources behind. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere there is no /proc, and the loopback has one address")
@Timeout(180)
@Tag("alone")
class SoakIT {
    private static final int CONNECTIONS = 50_000;
    /** Connections before the first measurement, which create pools, threads, classes and compiled code. */
    private static final int WARM_UP_CONNECTIONS = 10_000;

    /** One address per thread: 6,250 connections from each are far fewer than its 28,000 ephemeral ports. */
    private static final int THREADS = 8;

    private static final int OPEN_IN_A_THREAD = 25;
    private static final int ROOMS = 300;

    /** Far more than are open at once, far fewer than the total: connections that stay counted cause refusals. */
    private static final int MAX_CONNECTIONS = 4_000;

    /** After this time the server has dropped its timers for forced closes. */
    private static final Duration LINGERING_CLOSE =
            Duration.ofSeconds(LingeringClose.MAX_SECONDS).plusMillis(500);

    /**
     * 42 bytes for each connection. A leaked session, client or room exceeds it, and so do 210 bytes leaked by one of the five ways to
     * disconnect. Other growth, such as the JVM's caches, stays below.
     */
    private static final long TOLERATED_BYTES = 2 << 20;

    /** The resources in use. */
    private record Footprint(int sessions, int rooms, int threads, long descriptors, long heapBytes, long directBytes) {
        static Footprint now() {
            System.gc();
            return new Footprint(
                    Tutti.current().parts().hub().clientCount(),
                    Tutti.current().parts().hub().roomCount(),
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    openDescriptors(),
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                    ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                            .mapToLong(BufferPoolMXBean::getMemoryUsed)
                            .sum());
        }

        /** Counts sockets, pipes and selectors, but not files: the JVM opens libraries when it first needs them. */
        private static long openDescriptors() {
            try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
                return all.filter(Footprint::isNoFile).count();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static boolean isNoFile(Path descriptor) {
            try {
                return !Files.readSymbolicLink(descriptor).isAbsolute();
            } catch (NoSuchFileException e) {
                return false; // the directory of this listing, or closed meanwhile
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void fiftyThousandConnectionsLeaveNothingBehind() throws Exception {
        try (TestServer server = TestServer.start(Map.of(
                "max-connections", Integer.toString(MAX_CONNECTIONS),
                "max-connections-per-address", "0",
                "max-messages-per-second", "0",
                "history", "*=0"))) { // a room with a history would stay
            churn(server.port(), WARM_UP_CONNECTIONS);
            server.assertHealthy();
            settle();
            Footprint before = Footprint.now();

            long start = System.nanoTime();
            churn(server.port(), CONNECTIONS);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

            settle();
            Footprint[] after = new Footprint[1];
            awaitOnThisThread().untilAsserted(() -> {
                after[0] = Footprint.now();
                assertReleased(before, after[0]);
            });
            System.getLogger(SoakIT.class.getName())
                    .log(Level.INFO, "{0} ms; before: {1}, after: {2}", millis, before, after[0]);
            server.assertHealthy();
        }
    }

    /** Waits until no client is connected and no forced close is pending. */
    private static void settle() {
        awaitOnThisThread()
                .during(LINGERING_CLOSE)
                .until(() -> Tutti.current().parts().hub().roomCount() == 0);
    }

    private static void assertReleased(Footprint before, Footprint after) {
        assertThat(after.sessions).as("sessions").isZero();
        assertThat(after.rooms).as("rooms").isZero();
        assertThat(after.threads).as("threads").isLessThanOrEqualTo(before.threads);
        assertThat(after.descriptors).as("descriptors").isLessThanOrEqualTo(before.descriptors);
        assertThat(after.heapBytes).as("heap").isLessThanOrEqualTo(before.heapBytes + TOLERATED_BYTES);
        assertThat(after.directBytes).as("direct buffers").isLessThanOrEqualTo(before.directBytes + TOLERATED_BYTES);
    }

    /** Polls on this thread: a polling thread would be counted. */
    private static ConditionFactory awaitOnThisThread() {
        return await().pollInSameThread().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(100));
    }

    /** Connects and disconnects clients. Returns when all have disconnected. */
    private static void churn(int port, int connections) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Void>> groups = IntStream.range(0, THREADS)
                    .<Callable<Void>>mapToObj(i -> () -> {
                        ClientGroup group = new ClientGroup(port, i);
                        for (int left = connections / THREADS; left > 0; left -= OPEN_IN_A_THREAD) {
                            group.connectAndDisconnect(Math.min(left, OPEN_IN_A_THREAD));
                        }
                        return null;
                    })
                    .toList();
            for (Future<Void> done : executor.invokeAll(groups)) {
                done.get();
            }
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Clients from one address. Confined to one thread. */
    private static final class ClientGroup {
        private final InetSocketAddress server;
        private final InetSocketAddress address;
        private final Random random;

        ClientGroup(int port, int number) throws IOException {
            server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            address = new InetSocketAddress(InetAddress.getByName("127.0.0." + (2 + number)), 0);
            random = new Random(number);
        }

        /** Connects clients, of which some abort during their handshake; the others are connected together, and some send a message. */
        void connectAndDisconnect(int count) throws IOException {
            List<Peer> connected = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String path = random.nextInt(4) == 0 ? "/ws" : "/ws/room-" + random.nextInt(ROOMS);
                Peer peer = connect();
                switch (random.nextInt(5)) {
                    case 0 -> abortHandshake(peer, Peer.handshake(path));
                    case 1 -> {
                        peer.send(Peer.handshake(path));
                        reset(peer); // while the server sends its response
                    }
                    default -> {
                        peer.upgrade(path);
                        connected.add(peer);
                    }
                }
            }
            for (Peer peer : connected) {
                if (random.nextInt(4) == 0) {
                    peer.sendText("\"hello\"");
                }
            }
            for (Peer peer : connected) {
                switch (random.nextInt(3)) {
                    case 0 -> closeCleanly(peer);
                    case 1 -> reset(peer);
                    default -> peer.close();
                }
            }
        }

        private Peer connect() throws IOException {
            Socket socket = new Socket();
            socket.bind(address);
            socket.connect(server, 15_000);
            return new Peer(socket);
        }

        private void abortHandshake(Peer peer, String handshake) throws IOException {
            peer.send(handshake.substring(0, random.nextInt(handshake.length())));
            if (random.nextBoolean()) {
                reset(peer);
            } else {
                peer.close();
            }
        }

        private static void closeCleanly(Peer peer) throws IOException {
            peer.send(Peer.frame(0x80 | Peer.CLOSE, (byte) 3, (byte) 0xE8));
            assertThat(peer.closeFrame().code()).isEqualTo(1000);
            peer.close();
        }

        private static void reset(Peer peer) throws IOException {
            peer.socket().setSoLinger(true, 0);
            peer.close();
        }
    }
}
