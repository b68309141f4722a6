package dev.tutti.standalone.guard;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Faults;
import dev.tutti.hub.LimitBreach;
import dev.tutti.security.Identity;
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
 * The filter ahead of Grizzly's HTTP. It parses each request head strictly by RFC 9112 and RFC 6455, passes on complete valid heads, and
 * answers every other request with an error and a close. Grizzly's own parser is lenient, and closes without a response on some errors.
 * Safe for any thread.
 */
public final class HandshakeGuard extends BaseFilter {
    private static final Logger LOG = System.getLogger(HandshakeGuard.class.getName());

    private static final Attribute<HttpConnection> HTTP_CONNECTION =
            Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute(HandshakeGuard.class.getName());

    private static final String SWITCHING_PROTOCOLS = "HTTP/1.1 101 ";

    private final HandshakeRules rules;
    private final ConnectionLimits limits;
    private final Deadlines deadlines;
    private final LingeringClose lingeringClose;
    private final int requestSeconds;
    private final Budget budget;
    private final Consumer<TCPNIOConnection> upgraded;

    /**
     * Makes the guard.
     *
     * @param requestSeconds limit for the arrival of one request, from the accept or from its first byte; 0 for no limit
     * @param budget bounds the memory of unfinished heads
     * @param upgraded called when a connection becomes a WebSocket, before its first frame
     */
    HandshakeGuard(
            HandshakeRules rules,
            ConnectionLimits limits,
            Deadlines deadlines,
            LingeringClose lingeringClose,
            int requestSeconds,
            Budget budget,
            Consumer<TCPNIOConnection> upgraded) {
        this.rules = rules;
        this.limits = limits;
        this.deadlines = deadlines;
        this.lingeringClose = lingeringClose;
        this.requestSeconds = requestSeconds;
        this.budget = budget;
        this.upgraded = upgraded;
    }

    @Override
    public NextAction handleAccept(FilterChainContext context) {
        TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
        Admission admission = limits.admit(address(connection));
        HttpConnection http = new HttpConnection(
                connection, deadlines, lingeringClose, requestSeconds, budget, limitError(admission));
        HTTP_CONNECTION.set(connection, http);
        if (!connection.isOpen()) {
            release(connection, http); // handleClose may have run before the attribute was set
        } else if (admission == Admission.REJECTED) {
            http.close();
            connection.terminateSilently();
        }
        return context.getInvokeAction();
    }

    @Override
    public NextAction handleClose(FilterChainContext context) {
        TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
        HttpConnection http = HTTP_CONNECTION.get(connection);
        if (http != null) {
            release(connection, http);
        }
        return context.getInvokeAction();
    }

    @Override
    public void exceptionOccurred(FilterChainContext context, Throwable failure) {
        if (failure instanceof Error) {
            Faults.report(LOG, "a connection failed", failure); // Grizzly closes it
        }
    }

    private void release(TCPNIOConnection connection, HttpConnection http) {
        http.close();
        if (http.markReleased()) {
            limits.release(address(connection));
        }
    }

    /** Returns the identity of the peer whose handshake was passed on; null before that. */
    public static @Nullable Identity identity(TCPNIOConnection connection) {
        HttpConnection http = HTTP_CONNECTION.get(connection);
        return http == null ? null : http.identity();
    }

    static @Nullable InetAddress address(TCPNIOConnection connection) {
        return connection.getPeerAddress() instanceof InetSocketAddress socket ? socket.getAddress() : null;
    }

    @Override
    public NextAction handleRead(FilterChainContext context) throws IOException {
        HttpConnection http = HTTP_CONNECTION.get(context.getConnection());
        Buffer bytes = context.getMessage();
        if (http.phase() == HttpConnection.Phase.WEBSOCKET) {
            return context.getInvokeAction();
        }
        if (http.phase() == HttpConnection.Phase.REQUEST) {
            try {
                RequestContent content = http.content();
                return content == null ? readHead(context, http, bytes) : readContent(context, http, content, bytes);
            } catch (HttpErrorException e) {
                http.fail(e, false);
            }
        }
        bytes.tryDispose();
        return context.getStopAction();
    }

    private NextAction readHead(FilterChainContext context, HttpConnection http, Buffer bytes)
            throws HttpErrorException {
        HeadReader reader = http.head();
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (reader.accept(bytes.get(i))) {
                bytes.position(i + 1);
                RequestHead head = RequestHead.parse(reader.text());
                try {
                    return passHead(context, http, head, bytes);
                } catch (HttpErrorException e) {
                    http.fail(e, head.method().equals("HEAD"));
                    break;
                }
            }
        }
        bytes.tryDispose();
        if (!http.reserveHead()) {
            throw new HttpErrorException(503, LimitBreach.MEMORY.reason());
        }
        return context.getStopAction();
    }

    /**
     * Passes on a head in canonical form, with the content that has arrived. Grizzly's chain calls this filter again with the bytes after
     * that.
     */
    private NextAction passHead(FilterChainContext context, HttpConnection http, RequestHead head, Buffer bytes)
            throws HttpErrorException {
        RequestContent content = RequestRules.content(head);
        RequestTarget target = RequestTarget.parse(head.target(), head.method());
        Identity identity =
                rules.identify(head, target, address((TCPNIOConnection) context.getConnection()), http.limitError());
        int end = content.read(bytes, bytes.position());
        Buffer next = end < bytes.limit() ? bytes.split(end) : null;
        if (identity == null) {
            http.headPassed(content);
        } else if (next == null) {
            http.handshakePassed(identity);
        } else {
            throw HttpErrorException.badRequest("data after the handshake, before its response");
        }
        RequestHead canonical =
                identity != null ? head : head.without("upgrade"); // or Grizzly might accept an upgrade, such as h2c
        Buffer passed = Buffers.wrap(context.getMemoryManager(), canonical.encode(target));
        if (bytes.hasRemaining()) {
            passed = Buffers.appendBuffers(context.getMemoryManager(), passed, bytes);
        }
        context.setMessage(passed);
        return invoke(context, next);
    }

    private static NextAction readContent(
            FilterChainContext context, HttpConnection http, RequestContent content, Buffer bytes)
            throws HttpErrorException {
        int end = content.read(bytes, bytes.position());
        Buffer next = end < bytes.limit() ? bytes.split(end) : null;
        http.contentPassed(content);
        return invoke(context, next);
    }

    private static NextAction invoke(FilterChainContext context, @Nullable Buffer next) {
        return next == null ? context.getInvokeAction() : context.getInvokeAction(next);
    }

    @Override
    @SuppressWarnings("rawtypes") // as in Grizzly's filter chain
    public NextAction handleWrite(FilterChainContext context) {
        TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
        HttpConnection http = HTTP_CONNECTION.get(connection);
        if (http.phase() == HttpConnection.Phase.HANDSHAKE && context.getMessage() instanceof Buffer response) {
            if (startsWith(response, SWITCHING_PROTOCOLS)) {
                http.upgraded();
                upgraded.accept(connection);
            } else if (http.close()) {
                lingeringClose.resetLater(connection);
                FilterChainContext.TransportContext transport = context.getTransportContext();
                transport.setCompletionHandler(
                        lingeringClose.shutdownAfterWrite(connection, transport.getCompletionHandler()));
            }
        }
        return context.getInvokeAction();
    }

    private static boolean startsWith(Buffer bytes, String prefix) {
        if (bytes.remaining() < prefix.length()) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (bytes.get(bytes.position() + i) != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable HttpErrorException limitError(Admission admission) {
        return switch (admission) {
            case SERVER_FULL -> new HttpErrorException(503, "too many connections");
            case ADDRESS_FULL -> new HttpErrorException(429, "too many connections from this address");
            case UNRESTRICTED, REJECTED -> null;
        };
    }
}
