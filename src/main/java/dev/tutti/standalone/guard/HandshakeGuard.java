package dev.tutti.standalone.guard;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Faults;
import dev.tutti.hub.LimitBreach;
import dev.tutti.standalone.guard.ConnectionLimits.Admission;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.Grizzly;
import org.glassfish.grizzly.attributes.Attribute;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.memory.Buffers;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.jspecify.annotations.Nullable;

/**
 * Ahead of Grizzly's HTTP: reads each request's head itself, to the letter of RFC 9112 and RFC 6455, and passes on only what is
 * whole and right. What is not is answered here, and the connection ended. Grizzly's own parser is lenient and answers a few errors
 * with silence, so that it never gets to see any. Safe for any thread.
 */
public final class HandshakeGuard extends BaseFilter {
    private static final Logger LOG = System.getLogger(HandshakeGuard.class.getName());

    private static final Attribute<Exchange> EXCHANGE =
            Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute(HandshakeGuard.class.getName());

    private static final String SWITCHING_PROTOCOLS = "HTTP/1.1 101 ";

    private final HandshakeRules rules;
    private final ConnectionLimits limits;
    private final Deadlines deadlines;
    private final Ending ending;
    private final int requestSeconds;
    private final Budget budget;
    private final Consumer<TCPNIOConnection> upgraded;

    /**
     * Makes the guard.
     *
     * @param requestSeconds that one request may take to arrive, from the connection's beginning or its first byte; 0 for any
     * @param budget bounds the heads that have not come whole
     * @param upgraded is called when a connection becomes a WebSocket, before its first frame
     */
    HandshakeGuard(
            HandshakeRules rules,
            ConnectionLimits limits,
            Deadlines deadlines,
            Ending ending,
            int requestSeconds,
            Budget budget,
            Consumer<TCPNIOConnection> upgraded) {
        this.rules = rules;
        this.limits = limits;
        this.deadlines = deadlines;
        this.ending = ending;
        this.requestSeconds = requestSeconds;
        this.budget = budget;
        this.upgraded = upgraded;
    }

    @Override
    public NextAction handleAccept(FilterChainContext context) {
        TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
        Admission admission = limits.admit(address(connection));
        Exchange exchange = new Exchange(connection, deadlines, ending, requestSeconds, budget, refusal(admission));
        EXCHANGE.set(connection, exchange);
        if (!connection.isOpen()) {
            forget(connection, exchange); // its end may have been told before it had an exchange
        } else if (admission == Admission.NONE) {
            exchange.end();
            connection.terminateSilently();
        }
        return context.getInvokeAction();
    }

    @Override
    public NextAction handleClose(FilterChainContext context) {
        TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
        Exchange exchange = EXCHANGE.get(connection);
        if (exchange != null) {
            forget(connection, exchange);
        }
        return context.getInvokeAction();
    }

    @Override
    public void exceptionOccurred(FilterChainContext context, Throwable failure) {
        if (failure instanceof Error) {
            Faults.report(LOG, "a connection failed", failure); // Grizzly closes it
        }
    }

    private void forget(TCPNIOConnection connection, Exchange exchange) {
        exchange.end();
        if (exchange.forget()) {
            limits.release(address(connection));
        }
    }

    static @Nullable InetAddress address(TCPNIOConnection connection) {
        return connection.getPeerAddress() instanceof InetSocketAddress socket ? socket.getAddress() : null;
    }

    @Override
    public NextAction handleRead(FilterChainContext context) throws IOException {
        Exchange exchange = EXCHANGE.get(context.getConnection());
        Buffer bytes = context.getMessage();
        if (exchange.phase() == Exchange.Phase.WEBSOCKET) {
            return context.getInvokeAction();
        }
        if (exchange.phase() == Exchange.Phase.REQUEST) {
            try {
                RequestContent content = exchange.content();
                return content == null
                        ? readHead(context, exchange, bytes)
                        : readContent(context, exchange, content, bytes);
            } catch (HttpRefusalException e) {
                exchange.refuse(e, false);
            }
        }
        bytes.tryDispose();
        return context.getStopAction();
    }

    private NextAction readHead(FilterChainContext context, Exchange exchange, Buffer bytes)
            throws HttpRefusalException {
        HeadReader reader = exchange.head();
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (reader.accept(bytes.get(i))) {
                bytes.position(i + 1);
                RequestHead head = RequestHead.parse(reader.text());
                try {
                    return passHead(context, exchange, head, bytes);
                } catch (HttpRefusalException e) {
                    exchange.refuse(e, head.method().equals("HEAD"));
                    break;
                }
            }
        }
        bytes.tryDispose();
        if (!exchange.reserveHead()) {
            throw new HttpRefusalException(503, LimitBreach.MEMORY.reason());
        }
        return context.getStopAction();
    }

    /** Passes a head on in its plainest form, with as much of its content as is there; what follows that comes back to this filter afterwards. */
    private NextAction passHead(FilterChainContext context, Exchange exchange, RequestHead head, Buffer bytes)
            throws HttpRefusalException {
        RequestContent content = RequestRules.content(head);
        RequestTarget target = RequestTarget.parse(head.target(), head.method());
        boolean handshake = rules.isHandshake(head, target, exchange.full());
        int end = content.read(bytes, bytes.position());
        Buffer next = end < bytes.limit() ? bytes.split(end) : null;
        if (!handshake) {
            exchange.passed(content);
        } else if (next == null) {
            exchange.shaking();
        } else {
            throw HttpRefusalException.bad("there are frames before the handshake is answered");
        }
        RequestHead plain =
                handshake ? head : head.without("upgrade"); // Grizzly would switch to a protocol it does not speak
        Buffer passed = Buffers.wrap(context.getMemoryManager(), plain.bytes(target));
        if (bytes.hasRemaining()) {
            passed = Buffers.appendBuffers(context.getMemoryManager(), passed, bytes);
        }
        context.setMessage(passed);
        return invoke(context, next);
    }

    private static NextAction readContent(
            FilterChainContext context, Exchange exchange, RequestContent content, Buffer bytes)
            throws HttpRefusalException {
        int end = content.read(bytes, bytes.position());
        Buffer next = end < bytes.limit() ? bytes.split(end) : null;
        exchange.contentRead(content);
        return invoke(context, next);
    }

    private static NextAction invoke(FilterChainContext context, @Nullable Buffer next) {
        return next == null ? context.getInvokeAction() : context.getInvokeAction(next);
    }

    @Override
    @SuppressWarnings("rawtypes") // as in Grizzly's filter chain
    public NextAction handleWrite(FilterChainContext context) {
        TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
        Exchange exchange = EXCHANGE.get(connection);
        if (exchange.phase() == Exchange.Phase.HANDSHAKE && context.getMessage() instanceof Buffer response) {
            if (startsWith(response, SWITCHING_PROTOCOLS)) {
                exchange.upgraded();
                upgraded.accept(connection);
            } else if (exchange.end()) {
                ending.begin(connection);
                FilterChainContext.TransportContext transport = context.getTransportContext();
                transport.setCompletionHandler(ending.closingOutput(connection, transport.getCompletionHandler()));
            }
        }
        return context.getInvokeAction();
    }

    private static boolean startsWith(Buffer bytes, String start) {
        if (bytes.remaining() < start.length()) {
            return false;
        }
        for (int i = 0; i < start.length(); i++) {
            if (bytes.get(bytes.position() + i) != start.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable HttpRefusalException refusal(Admission admission) {
        return switch (admission) {
            case SERVER_FULL -> new HttpRefusalException(503, "too many connections");
            case ADDRESS_FULL -> new HttpRefusalException(429, "too many connections from this address");
            case FREE, NONE -> null;
        };
    }
}
