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

/** Many come, behave in all sorts of ways, and go: nothing of them stays. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere there is no /proc, and the loopback has one address")
@Timeout(180)
@Tag("alone")
class SoakIT {
    private static final int CONNECTIONS = 50_000;
    /** So many come before the first measurement, for all that is made once: pools, threads, classes, compiled code. */
    private static final int WARM_UP_CONNECTIONS = 10_000;

    /** Each with an address of its own: 6,250 connections from one are far fewer than its 28,000 ephemeral ports. */
    private static final int THREADS = 8;

    private static final int OPEN_IN_A_THREAD = 25;
    private static final int ROOMS = 300;

    /** Far more than are open at once, far fewer than there are in all: who is not counted out leads to refusals. */
    private static final int MAX_CONNECTIONS = 4_000;

    /** What the server keeps of a connection to end it by force is gone after this time. */
    private static final Duration LINGERING_CLOSE =
            Duration.ofSeconds(LingeringClose.MAX_SECONDS).plusMillis(500);

    /**
     * 42 bytes for each connection: a session, a client or a room that stayed would be more than that, and so would 210 bytes that
     * one way of going, in a fifth of them, left behind. What grows without being a leak, such as the JVM's own caches, is less.
     */
    private static final long TOLERATED_BYTES = 2 << 20;

    /** What is taken for the time being; it has to come back. */
    private record Footprint(int sessions, int rooms, int threads, long descriptors, long heapBytes, long directBytes) {
        static Footprint now() {
            System.gc();
            return new Footprint(
                    Tutti.current().hub().clientCount(),
                    Tutti.current().hub().roomCount(),
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    openDescriptors(),
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                    ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                            .mapToLong(BufferPoolMXBean::getMemoryUsed)
                            .sum());
        }

        /** Sockets, pipes, selectors; not files: the JVM opens a library when it first needs a class of it. */
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
                return false; // the one by which we read the folder, or closed meanwhile
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
                "history", "*=0"))) { // or rooms would stay that somebody has said something in
            churn(server.port(), WARM_UP_CONNECTIONS);
            server.assertHealthy();
            settle();
            Footprint before = Footprint.now();

            long start = System.nanoTime();
            churn(server.port(), CONNECTIONS);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

            settle();
            Footprint[] after = new Footprint[1];
            patiently().untilAsserted(() -> {
                after[0] = Footprint.now();
                isBackTo(before, after[0]);
            });
            System.getLogger(SoakIT.class.getName())
                    .log(Level.INFO, "{0} ms; before: {1}, after: {2}", millis, before, after[0]);
            server.assertHealthy();
        }
    }

    /** Waits until nobody is there, and nobody is being ended any more. */
    private static void settle() {
        patiently().during(LINGERING_CLOSE).until(() -> Tutti.current().hub().roomCount() == 0);
    }

    private static void isBackTo(Footprint before, Footprint after) {
        assertThat(after.sessions).as("sessions").isZero();
        assertThat(after.rooms).as("rooms").isZero();
        assertThat(after.threads).as("threads").isLessThanOrEqualTo(before.threads);
        assertThat(after.descriptors).as("descriptors").isLessThanOrEqualTo(before.descriptors);
        assertThat(after.heapBytes).as("heap").isLessThanOrEqualTo(before.heapBytes + TOLERATED_BYTES);
        assertThat(after.directBytes).as("direct buffers").isLessThanOrEqualTo(before.directBytes + TOLERATED_BYTES);
    }

    /** In this thread, so that none is counted that only waits. */
    private static ConditionFactory patiently() {
        return await().pollInSameThread().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(100));
    }

    /** Lets clients come and go; returns when all have gone, as far as they know. */
    private static void churn(int port, int connections) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Void>> crowds = IntStream.range(0, THREADS)
                    .<Callable<Void>>mapToObj(i -> () -> {
                        Crowd crowd = new Crowd(port, i);
                        for (int left = connections / THREADS; left > 0; left -= OPEN_IN_A_THREAD) {
                            crowd.comeAndGo(Math.min(left, OPEN_IN_A_THREAD));
                        }
                        return null;
                    })
                    .toList();
            for (Future<Void> done : executor.invokeAll(crowds)) {
                done.get();
            }
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Clients from one address. Confined to a thread. */
    private static final class Crowd {
        private final InetSocketAddress server;
        private final InetSocketAddress address;
        private final Random random;

        Crowd(int port, int number) throws IOException {
            server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            address = new InetSocketAddress(InetAddress.getByName("127.0.0." + (2 + number)), 0);
            random = new Random(number);
        }

        /** Some get no further than their handshake; the others are there together, and some of them speak. */
        void comeAndGo(int count) throws IOException {
            List<Peer> present = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String path = random.nextInt(4) == 0 ? "/ws" : "/ws/room-" + random.nextInt(ROOMS);
                Peer peer = connect();
                switch (random.nextInt(5)) {
                    case 0 -> dropHalfway(peer, Peer.handshake(path));
                    case 1 -> {
                        peer.send(Peer.handshake(path));
                        reset(peer); // the server learns of it in the middle of its answer
                    }
                    default -> {
                        peer.upgrade(path);
                        present.add(peer);
                    }
                }
            }
            for (Peer peer : present) {
                if (random.nextInt(4) == 0) {
                    peer.sendText("\"hello\"");
                }
            }
            for (Peer peer : present) {
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

        private void dropHalfway(Peer peer, String handshake) throws IOException {
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
