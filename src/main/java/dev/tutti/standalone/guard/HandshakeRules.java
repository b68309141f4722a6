package dev.tutti.standalone.guard;

import dev.tutti.endpoint.Handshake;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.LimitBreach;
import dev.tutti.security.Caller;
import dev.tutti.security.ForbiddenException;
import dev.tutti.security.Gate;
import dev.tutti.security.Identity;
import dev.tutti.security.UnauthenticatedException;
import java.net.InetAddress;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The checks of a WebSocket handshake (RFC 6455 section 4.2.1). Immutable. */
final class HandshakeRules {
    private static final int KEY_BYTES = 16;

    private final WebSocketPaths paths;
    private final Gate gate;
    private final Hub hub;

    HandshakeRules(WebSocketPaths paths, Gate gate, Hub hub) {
        this.paths = paths;
        this.gate = gate;
        this.hub = hub;
    }

    /**
     * Returns the identity of the peer that sends a handshake; null if the request, which has passed {@link RequestRules}, is none.
     *
     * @param address of the peer; null if unknown
     * @param limitError thrown for any handshake, valid or not; null if another connection is permitted
     * @throws HttpErrorException if it is an invalid handshake, the gate refuses the peer, or its user has too many connections
     */
    @Nullable
    Identity identify(
            RequestHead head,
            RequestTarget target,
            @Nullable InetAddress address,
            @Nullable HttpErrorException limitError)
            throws HttpErrorException {
        boolean asksForUpgrade = head.elements("upgrade").anyMatch("websocket"::equals);
        if (!paths.contains(target.segments())) {
            if (asksForUpgrade) {
                throw new HttpErrorException(404, "no WebSocket endpoint at this path");
            }
            return null;
        }
        if (hub.refusesConnections()) {
            throw HttpErrorException.unavailable(Drain.REFUSAL, Drain.RETRY_AFTER_SECONDS);
        }
        if (limitError != null) {
            throw limitError;
        }
        if (!head.method().equals("GET")) {
            throw HttpErrorException.methodNotAllowed("GET");
        }
        checkUpgrade(head, asksForUpgrade);
        checkKey(head);
        Identity identity = admit(head, target, address);
        LimitBreach breach = hub.breach(identity);
        if (breach != null) {
            hub.breaches().count(breach);
            throw new HttpErrorException(429, breach.reason());
        }
        return identity;
    }

    private static void checkUpgrade(RequestHead head, boolean asksForUpgrade) throws HttpErrorException {
        if (!asksForUpgrade) {
            throw HttpErrorException.upgradeRequired("a WebSocket handshake is required");
        }
        if (head.minorVersion() < 1) {
            throw HttpErrorException.badRequest("a WebSocket handshake requires HTTP/1.1");
        }
        if (!"websocket".equalsIgnoreCase(head.singleValue("upgrade"))) {
            throw HttpErrorException.badRequest("the Upgrade of a handshake is websocket alone");
        }
        if (head.elements("connection").noneMatch("upgrade"::equals)) {
            throw HttpErrorException.badRequest("a WebSocket handshake requires Connection: Upgrade");
        }
        if (!"13".equals(head.singleValue("sec-websocket-version"))) {
            throw HttpErrorException.upgradeRequired("the supported WebSocket version is 13");
        }
    }

    private static void checkKey(RequestHead head) throws HttpErrorException {
        String key = head.singleValue("sec-websocket-key");
        if (key == null || key.length() != 24 || !isKey(key)) {
            throw HttpErrorException.badRequest("Sec-WebSocket-Key must be 16 bytes in base64");
        }
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private Identity admit(RequestHead head, RequestTarget target, @Nullable InetAddress address)
            throws HttpErrorException {
        head.singleValue("origin"); // more than one is an error
        head.singleValue("authorization");
        try {
            Caller caller = new Caller(address, name -> headers(head, target, name), target.query(), null);
            return Handshake.takesTokenLater('/' + String.join("/", target.segments()))
                    ? gate.admitBeforeToken(caller)
                    : gate.admit(caller);
        } catch (ForbiddenException e) {
            throw new HttpErrorException(403, e.reason());
        } catch (UnauthenticatedException e) {
            throw e.status() == 401
                    ? HttpErrorException.unauthorized(e.reason())
                    : new HttpErrorException(e.status(), e.reason());
        }
    }

    private static List<String> headers(RequestHead head, RequestTarget target, String name) {
        return name.equals("Host") && target.authority() != null
                ? List.of(target.authority())
                : head.values(name.toLowerCase(Locale.ROOT));
    }
}
