package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsIT {
    private static final AtomicLong ADVANCED_NANOS = new AtomicLong();

    @TempDir
    private static Path folder;

    private static TestCertificates certificates;
    private static Path certificate;
    private static Path key;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException, GeneralSecurityException {
        certificates = TestCertificates.in(folder);
        certificates.make(
                "first", "-keyalg", "EC", "-groupname", "secp256r1", "-ext", "san=ip:127.0.0.1,dns:localhost");
        certificates.make("second", "-keyalg", "RSA", "-keysize", "2048", "-ext", "san=ip:127.0.0.1,dns:localhost");
        certificate = folder.resolve("certificate.pem");
        key = folder.resolve("key.pem");
        certificates.write("first", certificate, key);
        server = TestServer.start(
                Map.of("tls-cert", certificate.toString(), "tls-key", key.toString(), "max-message-bytes", "1000000"),
                () -> System.nanoTime() + ADVANCED_NANOS.get());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static SSLContext trusting(String... names) throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (String name : names) {
            trusted.setCertificateEntry(name, certificates.chain(name)[0]);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static SSLSocket connect(String... protocols) throws GeneralSecurityException, IOException {
        SSLSocket socket = (SSLSocket) trusting("first", "second")
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), server.port());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (protocols.length > 0) {
            parameters.setProtocols(protocols);
        }
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(15_000);
        return socket;
    }

    private static Peer open(String... protocols) throws GeneralSecurityException, IOException {
        Peer peer = new Peer(connect(protocols));
        peer.upgrade("/ws");
        return peer;
    }

    private static Certificate served() throws GeneralSecurityException, IOException {
        try (SSLSocket socket = connect()) {
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void messagesOfEverySizeGoBothWays(String protocol) throws Exception {
        try (Peer peer = open(protocol)) {
            assertThat(((SSLSocket) peer.socket()).getSession().getProtocol()).isEqualTo(protocol);
            for (int length : new int[] {0, 1, 100, 16_383, 16_384, 65_536, 900_000}) {
                String message = "\"" + "é".repeat(length / 2) + "\"";
                peer.sendText(message);
                assertThat(peer.frame().text()).isEqualTo(message);
            }
        }
    }

    @Test
    void manyClientsReceiveOneOrder() throws Exception {
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Peer peer = open();
            peers.add(peer);
            peer.sendText("\"here " + i + "\"");
            assertThat(peer.frame().text()).isEqualTo("\"here " + i + "\"");
        }
        for (int message = 0; message < 300; message++) {
            peers.get(message % peers.size()).send(Peer.frame(0x81, ("\"" + message + "\"").getBytes(UTF_8)));
        }
        List<String> first = messages(peers.get(0));
        for (Peer peer : peers.subList(1, peers.size())) {
            assertThat(messages(peer)).isEqualTo(first);
        }
        for (Peer peer : peers) {
            peer.close();
        }
    }

    private static List<String> messages(Peer peer) throws IOException {
        List<String> messages = new ArrayList<>();
        while (messages.size() < 300) {
            String message = peer.frame().text();
            if (!message.startsWith("\"here")) {
                messages.add(message);
            }
        }
        return messages;
    }

    @Test
    void pagesAreServed() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().sslContext(trusting("first", "second")).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + "/health"))
                .build();
        assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }

    @Test
    void violationsAreClosedOverTls() throws Exception {
        try (Peer peer = open()) {
            peer.send(new byte[] {(byte) 0xC1, (byte) 0x80});
            assertThat(peer.closeFrame().code()).isEqualTo(1002);
        }
        try (Peer peer = new Peer(connect())) {
            peer.send("GET /ws/.room HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(peer.response()).isEqualTo(400);
        }
    }

    @Test
    void plainHttpIsRefused() throws Exception {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(peer.rest()).doesNotContain("200");
        }
    }

    @Test
    void partialTlsHandshakeIsClosedInTime() throws Exception {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(new byte[] {0x16, 3, 1, 2, 0, 1});
            served(); // the server has accepted the first connection before this one
            ADVANCED_NANOS.addAndGet(TimeUnit.SECONDS.toNanos(10));
            assertThat(peer.rest()).isEmpty();
        }
    }

    @Test
    void newFilesAreLoadedInvalidOnesIgnored() throws Exception {
        X509Certificate first = certificates.chain("first")[0];
        X509Certificate second = certificates.chain("second")[0];
        try (Peer peer = open()) {
            assertThat(served()).isEqualTo(first);

            replace("second");
            await().untilAsserted(() -> assertThat(served()).isEqualTo(second));

            Files.writeString(certificate, "no certificate");
            await().during(2500, TimeUnit.MILLISECONDS)
                    .atMost(15, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(served()).isEqualTo(second));

            replace("first");
            await().untilAsserted(() -> assertThat(served()).isEqualTo(first));

            peer.sendText("\"the whole time\"");
            assertThat(peer.frame().text()).isEqualTo("\"the whole time\"");
        }
    }

    /** Replaces the files like a renewal program: first the key, then the certificate, each by a move. */
    private static void replace(String name) throws IOException, GeneralSecurityException {
        Path newCertificate = folder.resolve("new-certificate.pem");
        Path newKey = folder.resolve("new-key.pem");
        certificates.write(name, newCertificate, newKey);
        Files.move(newKey, key, REPLACE_EXISTING);
        Files.move(newCertificate, certificate, REPLACE_EXISTING);
    }
}
