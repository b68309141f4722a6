package dev.tutti.standalone.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.endpoint.BroadcastEndpoint;
import dev.tutti.endpoint.RoomEndpoint;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.security.Gate;
import dev.tutti.security.Origins;
import dev.tutti.security.Ways;
import dev.tutti.settings.Settings;
import dev.tutti.standalone.Peer;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.memory.Buffers;
import org.glassfish.grizzly.memory.MemoryManager;

/** Any input either passes in canonical form or fails with an HTTP error. */
class RequestPropertyTest {
    private static final HandshakeRules RULES = new HandshakeRules(
            WebSocketPaths.of(List.of(BroadcastEndpoint.class, RoomEndpoint.class)),
            new Gate(new Gate.Options(Ways.valueOf("open")), Origins.of(new Origins.Options(""))),
            new Hub(Settings.read(Limits.class, name -> null), "h", task -> {}, 1, TimeSource.SYSTEM));

    /** Returns the canonical head; null if it is incomplete. */
    private static byte[] passed(byte[] bytes) throws HttpErrorException {
        HeadReader reader = new HeadReader();
        for (byte b : bytes) {
            if (reader.accept(b)) {
                RequestHead head = RequestHead.parse(reader.text());
                RequestRules.content(head);
                RequestTarget target = RequestTarget.parse(head.target(), head.method());
                RULES.identify(head, target, null, null);
                return head.encode(target);
            }
        }
        return null;
    }

    @Provide
    Arbitrary<String> requests() {
        return Arbitraries.of(
                Peer.handshake("/ws"),
                Peer.handshake("/ws/a%2Droom?b=%ff&c={d}", "Origin: http://127.0.0.1:8000\r\n"),
                Peer.handshake("http://[::1]:8000/ws"),
                "POST /api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
                "PUT /a/b;c=d HTTP/1.1\r\nHost: a:1\r\nContent-Length: 10\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: a\r\nAccept:\t*/*\t\r\n\r\n",
                "GET / HTTP/1.0\r\n\r\n");
    }

    @Property(tries = 2000)
    void corruptRequestPassesCanonicalOrFails(
            @ForAll("requests") String request, @ForAll @Size(max = 4) List<Integer> changes) {
        byte[] corrupt = request.getBytes(ISO_8859_1);
        for (int change : changes) {
            corrupt[Math.floorMod(change, corrupt.length)] = (byte) (change >> 16);
        }
        try {
            byte[] passed = passed(corrupt);
            if (passed != null) {
                assertThat(passed(passed))
                        .as("the forwarded bytes, read once more")
                        .isEqualTo(passed);
            }
        } catch (HttpErrorException e) {
            assertThat(e.status()).isBetween(400, 505);
            assertThat(e.getMessage()).matches("[ -~]+");
        }
    }

    @Property
    void noiseFailsOrIsIncomplete(@ForAll byte[] noise) {
        try {
            passed(noise);
        } catch (HttpErrorException e) {
            assertThat(e.status()).isBetween(400, 505);
        }
    }

    @Property
    void chunkEndIsTheSameInAnyReads(
            @ForAll @Size(max = 5) List<@IntRange(min = 1, max = 40) Integer> chunks,
            @ForAll boolean hasTrailer,
            @ForAll long seed)
            throws HttpErrorException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int size : chunks) {
            all.writeBytes((Integer.toHexString(size) + "\r\n").getBytes(ISO_8859_1));
            byte[] data = new byte[size];
            Arrays.fill(data, (byte) '\r');
            all.writeBytes(data);
            all.writeBytes("\r\n".getBytes(ISO_8859_1));
        }
        all.writeBytes((hasTrailer ? "0\r\na: b\r\n\r\n" : "000\r\n\r\n").getBytes(ISO_8859_1));
        int end = all.size();
        all.writeBytes("GET / HTTP/1.1\r\n".getBytes(ISO_8859_1));
        byte[] bytes = all.toByteArray();

        RequestContent content = RequestContent.chunked();
        Random random = new Random(seed);
        int from = 0;
        while (!content.hasEnded()) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(20));
            Buffer piece = Buffers.wrap(MemoryManager.DEFAULT_MEMORY_MANAGER, bytes, 0, to);
            from = content.read(piece, from);
        }
        assertThat(from).isEqualTo(end);
    }
}
