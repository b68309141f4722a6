package dev.tutti.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Peers that do not read, or do not stop to send, on Tomcat, which waits for them the longest of all containers. */
@Timeout(120)
@Tag("alone")
class StalledPeersIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** Tomcat waits 50 ms in each close: all closes together take longer than an idle client has to answer a ping. */
    private static final int STALLED = 1_000;

    private static final int IDLE = 5;

    private static final int MESSAGE_BYTES = 10_000;

    /** More than the buffers of a connection hold. */
    private static final int MANY_BYTES = 32 << 20;

    /** What may wait for a client: a few messages. */
    private static final int MAX_QUEUED_BYTES = 65_536;

    /** An idle client is pinged after 1.8 s, and has 1.2 s to answer. */
    private static final int VANISHED_SECONDS = 4;

    /** Documents in a file are loaded by threads of their own. */
    @TempDir
    private static Path data;

    private static ServerUnderTest server;

    @BeforeAll
    static void start() throws Exception {
        server = new TomcatServer(ContainerServer.property("tutti.tomcat11.version"), "/tutti")
                .withConnector("socket.txBufSize", "8192") // full after a few messages
                .optimizing()
                .with("max-connections-per-address", "2000")
                .with("ping-seconds", "60") // stalled peers are closed for slowness, not for silence
                .with("data", data.toString())
                .with("max-queued-bytes", Integer.toString(MAX_QUEUED_BYTES))
                .with("vanished-seconds", Integer.toString(VANISHED_SECONDS));
        server.start();
    }

    @AfterAll
    static void stop() throws Exception {
        server.stop();
    }

    private static void awaitClients(int count) {
        await().atMost(TIMEOUT).until(() -> server.clients() == count);
    }

    private static String get(URI uri) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(TIMEOUT).build();
        return ServerUnderTest.Http.CLIENT
                .send(request, BodyHandlers.ofString())
                .body();
    }

    @Test
    void closingStalledPeersAffectsNoIdleClient() throws Exception {
        String filler = "x".repeat(MESSAGE_BYTES);
        List<RawClient> stalled = new ArrayList<>();
        List<TuttiClient> idle = new ArrayList<>();
        try (JdkClient sender = JdkClient.join(server, "/ws/stalled")) {
            for (int i = 0; i < STALLED; i++) {
                stalled.add(RawClient.connect(server, "/ws/stalled", 2048));
            }
            for (int i = 0; i < IDLE; i++) {
                idle.add(TuttiClient.connect(server.webSocket("/connect")));
            }
            awaitClients(1 + IDLE + STALLED);
            for (int sent = 1; server.clients() > 1 + IDLE; sent++) {
                int echoes = sent;
                sender.send("\"" + sent + filler + "\"");
                await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(5)).until(() -> sender.count() == echoes);
            }

            await().during(Duration.ofSeconds(VANISHED_SECONDS + 2))
                    .atMost(TIMEOUT)
                    .until(() ->
                            idle.stream().noneMatch(client -> client.closeCode().isDone()));
            for (TuttiClient client : idle) {
                client.ask("'type':'ping'");
            }
        } finally {
            for (RawClient client : stalled) {
                client.close();
            }
            for (TuttiClient client : idle) {
                client.close();
            }
        }
        awaitClients(0);
    }

    @Test
    void unreadAnswersDelayNoRoom() throws Exception {
        List<String> wide = new ArrayList<>();
        for (int i = 0; i <= Runtime.getRuntime().availableProcessors(); i++) {
            wide.add(writeWideDocument(i)); // one for each thread of rooms, and one more
        }
        List<Socket> readers = new ArrayList<>();
        try (JdkClient client = JdkClient.join(server, "/ws/echo")) {
            for (String document : wide) {
                readers.add(askForMoreThanASocketHolds("/api/documents/" + document + "/stored"));
            }
            long worstNanos = 0;
            for (int i = 1; i <= 100; i++) {
                int echoes = i;
                long from = System.nanoTime();
                assertThat(get(server.http("/api/documents/other/stored"))).contains("other"); // loads it
                client.send("\"" + i + "\"");
                await().atMost(TIMEOUT).pollDelay(Duration.ofMillis(10)).until(() -> client.count() == echoes);
                worstNanos = Math.max(worstNanos, System.nanoTime() - from);
            }
            assertThat(Duration.ofNanos(worstNanos)).isLessThan(Duration.ofSeconds(1));
        } finally {
            for (Socket reader : readers) {
                reader.close();
            }
        }
        awaitClients(0);
    }

    @Test
    void peerThatSendsOnAfterItsCloseIsCutOff() throws Exception {
        try (RawClient peer = RawClient.connect(server, "/yjs/closed", 0)) {
            peer.sendText("text closes this connection");
            assertThat(peer.readToClose().code()).isEqualTo(1003);

            peer.send(RawClient.BINARY, false, new byte[MESSAGE_BYTES]);
            assertThatThrownBy(() -> {
                        for (int sent = 0; sent < MANY_BYTES; sent += MESSAGE_BYTES) {
                            peer.send(RawClient.CONTINUATION, false, new byte[MESSAGE_BYTES]);
                        }
                    })
                    .isInstanceOf(SocketException.class);
        }
        awaitClients(0);
    }

    /** Returns the name of a document whose state vector has more than 100,000 bytes, and which nobody has open. */
    private static String writeWideDocument(int number) throws Exception {
        String name = "wide-" + number;
        try (RawClient editor = RawClient.connect(server, "/yjs/" + name, 0)) {
            editor.read();
            editor.send(RawClient.BINARY, true, updateOfManyClients(20_000));
            editor.read();
            editor.closeCleanly();
        }
        assertThat(get(server.http("/api/documents/" + name + "/stored"))).hasSizeGreaterThan(100_000);
        return name;
    }

    private static Socket askForMoreThanASocketHolds(String path) throws Exception {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(2048);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        String request =
                "GET " + server.contextPath() + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + server.port() + "\r\n\r\n";
        socket.getOutputStream().write(request.repeat(100).getBytes(US_ASCII));
        return socket;
    }

    /** Returns a message by which many clients write a letter each, so that the document's state vector is long. */
    private static byte[] updateOfManyClients(int count) {
        ByteArrayOutputStream update = new ByteArrayOutputStream();
        writeVarUint(update, count);
        for (int i = 0; i < count; i++) {
            update.write(1); // one struct
            writeVarUint(update, (1 << 29) + i);
            update.writeBytes(new byte[] {0, 4, 1, 1, 't', 1, 'a'}); // clock 0, a string in the root type "t"
        }
        update.write(0); // no deletes
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(new byte[] {0, 2});
        writeVarUint(message, update.size());
        message.writeBytes(update.toByteArray());
        return message.toByteArray();
    }

    private static void writeVarUint(ByteArrayOutputStream out, int value) {
        int rest = value;
        for (; rest > 0x7F; rest >>>= 7) {
            out.write((rest & 0x7F) | 0x80);
        }
        out.write(rest);
    }
}
