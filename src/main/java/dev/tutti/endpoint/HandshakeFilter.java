package dev.tutti.endpoint;

import dev.tutti.hub.Hub;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.RoomName;
import dev.tutti.security.AddressKey;
import dev.tutti.security.Origins;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks handshakes before the container's WebSocket sees them. It answers 403 to a page of another site, 400 to a name that no room or
 * document can have, and 429 or 503 at a limit of connections; it passes the peer's address on to {@link Handshake}. Safe for any thread.
 */
public final class HandshakeFilter extends HttpFilter {
    private static final long serialVersionUID = 1;

    /** Paths that end with the name of a room or a document. */
    private static final Pattern NAMED_PATH = Pattern.compile("/(?:ws|yjs)/(.*)", Pattern.DOTALL);

    private static final int TOO_MANY_REQUESTS = 429; // RFC 6585 section 4

    private final transient Origins origins;
    private final transient Hub hub;
    private final transient PendingCloses pendingCloses;

    /**
     * Makes a filter that lets pages of these origins connect.
     *
     * @param pendingCloses connections that count, besides the hub's clients
     */
    public HandshakeFilter(Origins origins, Hub hub, PendingCloses pendingCloses) {
        this.origins = origins;
        this.hub = hub;
        this.pendingCloses = pendingCloses;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String path = request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo());
        Matcher named = NAMED_PATH.matcher(path);
        if (!origins.allow(request.getHeader("Origin"), request.getHeader("Host"))) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "pages of this origin may not connect");
            return;
        }
        if (named.matches() && !RoomName.isValid(named.group(1))) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST, "this is not the name of a room");
            return;
        }
        String address = AddressKey.of(request.getRemoteAddr());
        LimitBreach breach = hub.breach(pendingCloses.count(), address, pendingCloses.from(address));
        if (breach != null) {
            hub.breaches().count(breach);
            response.sendError(
                    breach == LimitBreach.CONNECTIONS ? HttpServletResponse.SC_SERVICE_UNAVAILABLE : TOO_MANY_REQUESTS,
                    breach.reason());
        } else {
            chain.doFilter(new RequestWithAddress(request, address), response);
        }
    }

    /** A request with one more header: the key of the peer's address. */
    private static final class RequestWithAddress extends HttpServletRequestWrapper {
        private final String address;

        RequestWithAddress(HttpServletRequest request, String address) {
            super(request);
            this.address = address;
        }

        @Override
        public @Nullable String getHeader(String name) {
            return name.equalsIgnoreCase(Handshake.Configurator.ADDRESS_HEADER) ? address : super.getHeader(name);
        }

        @Override
        public Enumeration<String> getHeaders(String name) {
            return name.equalsIgnoreCase(Handshake.Configurator.ADDRESS_HEADER)
                    ? Collections.enumeration(Set.of(address))
                    : super.getHeaders(name);
        }

        @Override
        public Enumeration<String> getHeaderNames() {
            Set<String> names = new LinkedHashSet<>(Collections.list(super.getHeaderNames()));
            names.add(Handshake.Configurator.ADDRESS_HEADER);
            return Collections.enumeration(names);
        }
    }
}
