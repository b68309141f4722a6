package dev.tutti.endpoint;

import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.RoomName;
import dev.tutti.security.AddressKey;
import dev.tutti.security.Caller;
import dev.tutti.security.ForbiddenException;
import dev.tutti.security.Gate;
import dev.tutti.security.Identity;
import dev.tutti.security.UnauthenticatedException;
import dev.tutti.security.Way;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.Collections;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks handshakes before the container's WebSocket sees them. It answers 401, 403 or 429 to a peer that the gate refuses, 400 to a name that no room or
 * document can have, 429 or 503 at a limit of connections, and 503 while the server drains; it passes the others on as a {@link Handshake}. Safe for any thread.
 */
public final class HandshakeFilter extends HttpFilter {
    private static final long serialVersionUID = 1;

    /** Paths that end with the name of a room or a document. */
    private static final Pattern NAMED_PATH = Pattern.compile("/(?:ws|yjs)/(.*)", Pattern.DOTALL);

    private static final int TOO_MANY_REQUESTS = 429; // RFC 6585 section 4

    private final transient Gate gate;
    private final transient Hub hub;
    private final transient PendingCloses pendingCloses;
    private final transient HttpSessionLogins logins;

    /**
     * Makes a filter that passes on the peers that the gate admits.
     *
     * @param pendingCloses connections that count, besides the hub's clients
     * @param logins end connections with their HTTP sessions
     */
    public HandshakeFilter(Gate gate, Hub hub, PendingCloses pendingCloses, HttpSessionLogins logins) {
        this.gate = gate;
        this.hub = hub;
        this.pendingCloses = pendingCloses;
        this.logins = logins;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (hub.refusesConnections()) {
            response.setIntHeader("Retry-After", Drain.RETRY_AFTER_SECONDS);
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE, Drain.REFUSAL);
            return;
        }
        String path = request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo());
        Matcher named = NAMED_PATH.matcher(path);
        Identity identity;
        try {
            Caller caller = Caller.of(
                    request.getRemoteAddr(),
                    name -> Collections.list(request.getHeaders(name)),
                    request.getQueryString(),
                    request.getUserPrincipal());
            identity = Handshake.takesTokenLater(path) ? gate.admitBeforeToken(caller) : gate.admit(caller);
        } catch (ForbiddenException e) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, e.reason());
            return;
        } catch (UnauthenticatedException e) {
            response.setHeader("WWW-Authenticate", "Bearer"); // RFC 6750 section 3
            response.sendError(e.status(), e.reason());
            return;
        }
        if (named.matches() && !RoomName.isValid(named.group(1))) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST, "this is not the name of a room");
            return;
        }
        String address = AddressKey.of(request.getRemoteAddr());
        LimitBreach breach = hub.breach(pendingCloses.count(), address, pendingCloses.from(address), identity);
        if (breach != null) {
            hub.breaches().count(breach);
            response.sendError(
                    breach == LimitBreach.CONNECTIONS ? HttpServletResponse.SC_SERVICE_UNAVAILABLE : TOO_MANY_REQUESTS,
                    breach.reason());
        } else {
            Handshake handshake = new Handshake(address, identity, login(identity, request));
            var unused = handshake.<ServletResponse, IOException, ServletException>during(() -> {
                chain.doFilter(request, response);
                return response;
            });
        }
    }

    private Login login(Identity identity, HttpServletRequest request) {
        HttpSession session = identity.way() == Way.CONTAINER ? request.getSession(false) : null;
        return session == null ? Login.NONE : logins.of(session);
    }
}
