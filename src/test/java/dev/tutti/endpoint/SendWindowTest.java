package dev.tutti.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Frame;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SendWindowTest {
    private static final int FRAME_BYTES = 1_000;

    private final SendWindow window = new SendWindow(new Random(13));

    private static Batch batch(int frames, int bytes) {
        return Batch.of(Collections.nCopies(frames, Frame.text("x".repeat(bytes))));
    }

    private void send(int frames) {
        window.sent(batch(frames, FRAME_BYTES), 0, frames);
    }

    @Test
    void writeIsLimitedToContainersBuffer() {
        assertThat(window.limit(batch(100, FRAME_BYTES), 0)).isEqualTo(7);
        assertThat(window.limit(batch(100, FRAME_BYTES), 96)).isEqualTo(100);
        assertThat(window.limit(batch(1, SendWindow.MAX_WRITE_BYTES), 0)).isZero();
    }

    @Test
    void unreadBytesCloseWindow() {
        send(14);
        assertThat(window.limit(batch(100, FRAME_BYTES), 0)).isEqualTo(2);

        send(2);
        assertThat(window.limit(batch(100, FRAME_BYTES), 0)).isZero();
    }

    @Test
    void pingIsDueOnceWhenHalfIsUnread() {
        send(8);
        assertThat(window.isPingDue()).isFalse();
        send(1);
        assertThat(window.isPingDue()).isTrue();

        window.ping();
        send(5);

        assertThat(window.isPingDue()).isFalse();
    }

    @Test
    void pongOpensWindowUpToItsPing() {
        send(9);
        ByteBuffer ping = window.ping();
        send(7);

        window.pong(ping);

        assertThat(window.limit(batch(100, FRAME_BYTES), 0)).isEqualTo(7);
        assertThat(window.isPingDue()).isFalse();
        send(2);
        assertThat(window.isPingDue()).isTrue();
        assertThat(window.limit(batch(100, FRAME_BYTES), 0)).isEqualTo(7);
        send(4);
        assertThat(window.limit(batch(100, FRAME_BYTES), 0)).isEqualTo(3);
    }

    @Test
    void pongKeepsPositionOfItsData() {
        send(9);
        ByteBuffer ping = window.ping();

        window.pong(ping);

        assertThat(ping.remaining()).isEqualTo(Long.BYTES);
    }

    @Test
    void otherPongsAreIgnored() {
        send(16);
        window.pong(ByteBuffer.allocate(Long.BYTES));
        ByteBuffer first = window.ping();
        send(1);
        window.ping();

        window.pong(first);
        window.pong(ByteBuffer.allocate(0));
        window.pong(ByteBuffer.allocate(Long.BYTES).putLong(0, -1));

        assertThat(window.limit(batch(1, FRAME_BYTES), 0)).isZero();
    }

    /** Otherwise a peer that does not read could answer pings. */
    @Test
    void pingIsNotMadeOfPosition() {
        SendWindow other = new SendWindow(new Random(14));
        send(9);
        other.sent(batch(9, FRAME_BYTES), 0, 9);

        assertThat(window.ping()).isNotEqualTo(other.ping());
    }

    /** The kernel is the one that decides whether a write blocks. */
    @ParameterizedTest
    @ValueSource(ints = {12, 70, 500, SendWindow.MAX_WRITE_BYTES})
    void kernelTakesWindowOfPeerThatDoesNotRead(int writeBytes) throws Exception {
        try (ServerSocketChannel listening = ServerSocketChannel.open();
                SocketChannel peer = SocketChannel.open()) {
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            peer.setOption(StandardSocketOptions.SO_RCVBUF, 1); // the kernel takes its minimum
            peer.connect(listening.getLocalAddress());
            try (SocketChannel server = listening.accept()) {
                server.setOption(StandardSocketOptions.TCP_NODELAY, true);
                server.configureBlocking(false);
                int taken = 0;
                for (int n = writeBytes; n == writeBytes && taken < SendWindow.MAX_BYTES; taken += n) {
                    n = server.write(ByteBuffer.allocate(writeBytes));
                }

                assertThat(taken).isGreaterThanOrEqualTo(SendWindow.MAX_BYTES);
            }
        }
    }
}
