package dev.tutti.standalone.guard;

import dev.tutti.endpoint.SessionRegistry;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitBreaches;
import dev.tutti.security.Identity;
import jakarta.websocket.Session;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.Grizzly;
import org.glassfish.grizzly.attributes.Attribute;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.memory.Buffers;
import org.glassfish.grizzly.memory.ByteBufferArray;
import org.glassfish.grizzly.memory.MemoryManager;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.jspecify.annotations.Nullable;

/**
 * The filter ahead of Tyrus. It passes on whole valid messages, and closes a client at its first invalid frame. The close frame, with code
 * and reason, goes through the client's outbox, after all frames that wait there. Safe for any thread.
 *
 * <p>After a close frame in either direction, no input reaches Tyrus, and the connection has {@value LingeringClose#MAX_SECONDS} seconds
 * left.
 */
public final class FrameGuard extends BaseFilter {
    /** Pongs that may wait in the write queue; further pings get no answer (permitted by RFC 6455 section 5.5.3). */
    static final int MAX_PENDING_PONGS = 16;

    private static final Attribute<Inbound> INBOUND =
            Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute(FrameGuard.class.getName());

    private static final byte CLOSE = (byte) (Opcode.FINAL | Opcode.CLOSE);
    private static final byte PONG = (byte) (Opcode.FINAL | Opcode.PONG);

    private final long maxTextBytes;
    private final long maxBinaryBytes;
    private final UnfinishedMessages unfinished;
    private final InputRates rates;
    private final ConnectionLimits connections;
    private final LimitBreaches breaches;
    private final LingeringClose lingeringClose;

    /** Makes the guard, with a limit for one text message and one for a binary message. */
    FrameGuard(
            long maxTextBytes,
            long maxBinaryBytes,
            UnfinishedMessages unfinished,
            InputRates rates,
            ConnectionLimits connections,
            LimitBreaches breaches,
            LingeringClose lingeringClose) {
        this.maxTextBytes = maxTextBytes;
        this.maxBinaryBytes = maxBinaryBytes;
        this.unfinished = unfinished;
        this.rates = rates;
        this.connections = connections;
        this.breaches = breaches;
        this.lingeringClose = lingeringClose;
    }

    /** The input state of one client; as a number, its pending pongs. Reading is confined to the connection's selector thread. */
    private static final class Inbound extends AtomicInteger {
        private static final long serialVersionUID = 1;

        private final transient FrameParser parser;
        /** As {@link dev.tutti.hub.Transport#quotaKey} returns it. */
        private final String quotaKey;

        private final transient InputRates.Meter meter;
        private final transient UnfinishedMessage message;
        private final transient MessageAssembler assembler;
        /** The complete frames of the current read; empty between reads. */
        private final transient List<ByteBuffer> whole = new ArrayList<>();

        private transient volatile @Nullable Session session;
        /** The client is being closed for a violation or a limit. */
        private final transient AtomicBoolean isFailed = new AtomicBoolean();
        /** Tyrus has written the server's close frame. */
        private volatile boolean closeFrameSent;
        /** The peer's close frame has arrived. */
        private volatile boolean closeFrameReceived;

        Inbound(FrameGuard guard, TCPNIOConnection connection) {
            parser = new FrameParser(
                    guard.maxTextBytes, guard.maxBinaryBytes, guard.unfinished::nanoTime, this::tryReservePong);
            quotaKey = guard.connections.quotaKey(HandshakeGuard.address(connection));
            meter = guard.rates.meter(connection, quotaKey);
            Identity identity = HandshakeGuard.identity(connection);
            String user = identity == null ? "" : identity.accountName();
            message = guard.unfinished.create(quotaKey, user, breach -> guard.closeFor(connection, this, breach));
            assembler = new MessageAssembler(parser, message);
        }

        private boolean tryReservePong() {
            return get() < MAX_PENDING_PONGS && incrementAndGet() > 0;
        }

        private void close() {
            message.close();
            meter.close();
        }
    }

    /** Starts to read frames on a connection: its handshake is accepted. */
    void startFrames(TCPNIOConnection connection) {
        Inbound inbound = new Inbound(this, connection);
        INBOUND.set(connection, inbound);
        if (!connection.isOpen()) {
            inbound.close(); // handleClose may have run before the attribute was set
        }
    }

    @Override
    public NextAction handleClose(FilterChainContext context) {
        Inbound inbound = INBOUND.get(context.getConnection());
        if (inbound != null) {
            inbound.close();
        }
        return context.getInvokeAction();
    }

    /** Returns whether a connection is a WebSocket, not HTTP. */
    public static boolean isWebSocket(TCPNIOConnection connection) {
        return INBOUND.get(connection) != null;
    }

    /** Attaches the session that a connection belongs to. Returns the quota key of the connection's input. */
    public static String attach(TCPNIOConnection connection, Session session) {
        Inbound inbound = INBOUND.get(connection);
        if (inbound == null) {
            return "";
        }
        inbound.session = session;
        return inbound.quotaKey;
    }

    @Override
    public NextAction handleRead(FilterChainContext context) {
        TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
        Inbound inbound = INBOUND.get(connection);
        if (inbound == null) {
            return context.getInvokeAction();
        }
        Buffer bytes = context.getMessage();
        if (!inbound.isFailed.get() && !inbound.parser.hasEnded()) {
            inbound.meter.received(bytes.remaining());
            Buffer whole = read(inbound, bytes, connection.getMemoryManager());
            inbound.closeFrameReceived = inbound.parser.hasEnded() && inbound.parser.violation() == null;
            if (whole != null && !inbound.closeFrameSent) {
                context.setMessage(whole);
                // after Tyrus has read the valid frames, the last byte brings the violation back to this filter
                return inbound.parser.violation() == null
                        ? context.getInvokeAction()
                        : context.getInvokeAction(bytes.split(bytes.limit() - 1));
            }
            if (inbound.closeFrameReceived) {
                connection.closeSilently(); // both close frames were sent
            }
        }
        if (inbound.parser.violation() != null) {
            FrameViolation violation = inbound.parser.violation();
            fail(connection, inbound, violation.code(), violation.reason());
        }
        bytes.tryDispose();
        return context.getStopAction();
    }

    /** Returns the complete frames: the buffer itself if it holds nothing else; null if there are none. */
    @SuppressWarnings("ReferenceEquality") // identity: an unchanged buffer passes without a copy
    private static @Nullable Buffer read(Inbound inbound, Buffer bytes, MemoryManager<?> memory) {
        List<ByteBuffer> whole = inbound.whole;
        ByteBufferArray parts = bytes.toByteBufferArray();
        ByteBuffer[] array = parts.getArray();
        boolean fits = true;
        boolean isUnchanged = true;
        for (int i = 0; i < parts.size() && fits; i++) {
            fits = inbound.assembler.read(array[i], whole);
            isUnchanged = isUnchanged && whole.size() == i + 1 && whole.get(i) == array[i];
        }
        parts.recycle();
        Buffer passed = isUnchanged ? bytes : null;
        if (fits && !isUnchanged) {
            for (ByteBuffer frames : whole) {
                passed = Buffers.appendBuffers(memory, passed, Buffers.wrap(memory, frames));
            }
        }
        whole.clear();
        return passed;
    }

    /** Counts a limit breach and closes the client. */
    private void closeFor(TCPNIOConnection connection, Inbound inbound, LimitBreach breach) {
        breaches.count(breach);
        fail(connection, inbound, breach.code(), breach.reason());
    }

    private void fail(TCPNIOConnection connection, Inbound inbound, CloseCode code, String reason) {
        if (inbound.closeFrameSent || !inbound.isFailed.compareAndSet(false, true)) {
            return;
        }
        lingeringClose.resetLater(connection);
        Session session = inbound.session;
        if (session == null) {
            connection.terminateSilently();
        } else {
            SessionRegistry.close(session, code, reason);
        }
    }

    /**
     * Handles Tyrus's close of a connection. The socket stays open until the peer's close frame arrives: closing it with unread input would
     * reset it, and a reset discards the close frame that the peer has not read.
     */
    public static void closeAfterTyrus(TCPNIOConnection connection) {
        Inbound inbound = INBOUND.get(connection);
        if (inbound == null || inbound.closeFrameReceived || !inbound.closeFrameSent) {
            connection.closeSilently();
        }
    }

    /** Observes the frames that Tyrus writes: pongs and close frames. Batches of messages bypass this filter. */
    @Override
    @SuppressWarnings("rawtypes") // as in Grizzly's filter chain
    public NextAction handleWrite(FilterChainContext context) {
        TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
        Inbound inbound = INBOUND.get(connection);
        if (inbound == null || !(context.getMessage() instanceof Buffer frame) || !frame.hasRemaining()) {
            return context.getInvokeAction();
        }
        byte first = frame.get(frame.position());
        FilterChainContext.TransportContext transport = context.getTransportContext();
        if (first == PONG) {
            transport.setCompletionHandler(
                    new AfterWrite<>(inbound::decrementAndGet, transport.getCompletionHandler()));
        } else if (first == CLOSE) {
            inbound.closeFrameSent = true;
            if (!inbound.isFailed.get()) {
                lingeringClose.resetLater(connection);
            }
            if (!inbound.closeFrameReceived) {
                transport.setCompletionHandler(
                        lingeringClose.shutdownAfterWrite(connection, transport.getCompletionHandler()));
            }
        }
        return context.getInvokeAction();
    }
}
