package dev.tutti.standalone.guard;

import dev.tutti.endpoint.SessionRegistry;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitBreaches;
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
 * Ahead of Tyrus: lets a client's good messages pass when they are whole, and closes the client at the first bad frame, with a code and a
 * reason, through its outbox, so behind all that was said to it before. Safe for any thread.
 *
 * <p>After a close frame, whoever sent it, nothing more of the client reaches Tyrus, and the connection has
 * {@value Ending#MAX_SECONDS} seconds left.
 */
public final class FrameGuard extends BaseFilter {
    /** Pongs that may wait for a client to read them; its pings beyond are not answered (RFC 6455 section 5.5.3 allows that). */
    static final int MAX_PONGS_OWED = 16;

    private static final Attribute<Inbound> INBOUND =
            Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute(FrameGuard.class.getName());

    private static final byte CLOSE = (byte) 0x88;
    private static final byte PONG = (byte) 0x8A;

    private final long maxTextBytes;
    private final long maxBinaryBytes;
    private final UnfinishedMessages unfinished;
    private final ConnectionLimits connections;
    private final LimitBreaches refusals;
    private final Ending ending;

    /** Makes the guard; a message may have {@code maxTextBytes} or {@code maxBinaryBytes}. */
    FrameGuard(
            long maxTextBytes,
            long maxBinaryBytes,
            UnfinishedMessages unfinished,
            ConnectionLimits connections,
            LimitBreaches refusals,
            Ending ending) {
        this.maxTextBytes = maxTextBytes;
        this.maxBinaryBytes = maxBinaryBytes;
        this.unfinished = unfinished;
        this.connections = connections;
        this.refusals = refusals;
        this.ending = ending;
    }

    /** What comes from one client. Reading is confined to the thread that reads its connection. */
    private static final class Inbound extends AtomicInteger {
        private static final long serialVersionUID = 1;

        private final transient FrameParser parser;
        /** As {@link dev.tutti.hub.Transport#quotaKey} returns it. */
        private final String quotaKey;

        private final transient UnfinishedMessage message;
        private final transient MessageAssembler assembler;
        /** Empty between reads. */
        private final transient List<ByteBuffer> whole = new ArrayList<>();

        private transient volatile @Nullable Session session;
        /** The client broke a rule or a limit, and is being closed for it. */
        private final transient AtomicBoolean failed = new AtomicBoolean();
        /** Our close frame is on its way. */
        private volatile boolean closing;
        /** The peer's close frame has come. */
        private volatile boolean peerEnded;

        /** As a number, this is the pongs owed. */
        Inbound(FrameGuard guard, TCPNIOConnection connection) {
            parser = new FrameParser(
                    guard.maxTextBytes, guard.maxBinaryBytes, guard.unfinished::nanoTime, this::mayAnswerPing);
            quotaKey = guard.connections.quotaKey(HandshakeGuard.address(connection));
            message = guard.unfinished.of(quotaKey, refusal -> guard.refuse(connection, this, refusal));
            assembler = new MessageAssembler(parser, message);
        }

        private boolean mayAnswerPing() {
            return get() < MAX_PONGS_OWED && incrementAndGet() > 0;
        }
    }

    /** From now on, frames come on this connection. */
    void begin(TCPNIOConnection connection) {
        Inbound inbound = new Inbound(this, connection);
        INBOUND.set(connection, inbound);
        if (!connection.isOpen()) {
            inbound.message.close(); // its end may have been told before
        }
    }

    @Override
    public NextAction handleClose(FilterChainContext context) {
        Inbound inbound = INBOUND.get(context.getConnection());
        if (inbound != null) {
            inbound.message.close();
        }
        return context.getInvokeAction();
    }

    /** Returns whether frames come on this connection, no requests any more. */
    public static boolean guards(TCPNIOConnection connection) {
        return INBOUND.get(connection) != null;
    }

    /** Tells whose frames these are, and returns the key of the quota that they are counted in. */
    public static String opened(TCPNIOConnection connection, Session session) {
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
        if (!inbound.failed.get() && !inbound.parser.hasEnded()) {
            Buffer whole = read(inbound, bytes, connection.getMemoryManager());
            inbound.peerEnded = inbound.parser.hasEnded() && inbound.parser.violation() == null;
            if (whole != null && !inbound.closing) {
                context.setMessage(whole);
                // a bad frame comes back to this filter when Tyrus has had the good ones
                return inbound.parser.violation() == null
                        ? context.getInvokeAction()
                        : context.getInvokeAction(bytes.split(bytes.limit() - 1));
            }
            if (inbound.peerEnded) {
                connection.closeSilently(); // both have said that they close
            }
        }
        if (inbound.parser.violation() != null) {
            Violation violation = inbound.parser.violation();
            fail(connection, inbound, violation.code(), violation.reason());
        }
        bytes.tryDispose();
        return context.getStopAction();
    }

    /** Returns the frames that may pass: the buffer itself if it holds nothing else; null if there are none. */
    @SuppressWarnings("ReferenceEquality") // the same buffer, not one that looks like it
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

    /** Counts and closes a client that went over a limit. */
    private void refuse(TCPNIOConnection connection, Inbound inbound, LimitBreach refusal) {
        refusals.count(refusal);
        fail(connection, inbound, refusal.code(), refusal.reason());
    }

    private void fail(TCPNIOConnection connection, Inbound inbound, CloseCode code, String reason) {
        if (inbound.closing || !inbound.failed.compareAndSet(false, true)) {
            return;
        }
        ending.begin(connection);
        Session session = inbound.session;
        if (session == null) {
            connection.terminateSilently();
        } else {
            SessionRegistry.close(session, code, reason);
        }
    }

    /**
     * Tyrus has said its last on this connection. If the peer has not, its bytes are read and dropped for a while: Tyrus would close the socket,
     * which resets it if there is unread input, and a reset takes the close frame from the peer.
     */
    public static void finish(TCPNIOConnection connection) {
        Inbound inbound = INBOUND.get(connection);
        if (inbound == null || inbound.peerEnded || !inbound.closing) {
            connection.closeSilently();
        }
    }

    /** Sees what Tyrus itself sends: pongs and close frames. Batches of messages go past this filter. */
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
            inbound.closing = true;
            if (!inbound.failed.get()) {
                ending.begin(connection);
            }
            if (!inbound.peerEnded) {
                transport.setCompletionHandler(ending.closingOutput(connection, transport.getCompletionHandler()));
            }
        }
        return context.getInvokeAction();
    }
}
