package dev.tutti.standalone.guard;

import dev.tutti.security.Origins;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What a WebSocket handshake has to keep to: RFC 6455 section 4.2.1. Immutable. */
final class HandshakeRules {
    private static final int KEY_BYTES = 16;

    private final WebSocketPaths paths;
    private final Origins origins;

    HandshakeRules(WebSocketPaths paths, Origins origins) {
        this.paths = paths;
        this.origins = origins;
    }

    /**
     * Returns whether a request, which keeps to {@link RequestRules}, is a handshake, and a good one.
     *
     * @param full what is answered to any handshake, good or bad; null if there is room for one more
     */
    boolean isHandshake(RequestHead head, RequestTarget target, @Nullable HttpRefusalException full)
            throws HttpRefusalException {
        boolean asks = head.elements("upgrade").anyMatch("websocket"::equals);
        if (!paths.contain(target.segments())) {
            if (asks) {
                throw new HttpRefusalException(404, "there is no WebSocket here");
            }
            return false;
        }
        if (full != null) {
            throw full;
        }
        if (!head.method().equals("GET")) {
            throw HttpRefusalException.method("GET");
        }
        checkUpgrade(head, asks);
        checkKey(head);
        checkOrigin(head, target);
        return true;
    }

    private static void checkUpgrade(RequestHead head, boolean asks) throws HttpRefusalException {
        if (!asks) {
            throw HttpRefusalException.upgrade("this is for WebSockets");
        }
        if (head.minorVersion() < 1) {
            throw HttpRefusalException.bad("a WebSocket handshake is HTTP/1.1");
        }
        if (!"websocket".equalsIgnoreCase(head.only("upgrade"))) {
            throw HttpRefusalException.bad("a WebSocket handshake upgrades to nothing but websocket");
        }
        if (head.elements("connection").noneMatch("upgrade"::equals)) {
            throw HttpRefusalException.bad("a WebSocket handshake has a Connection: Upgrade");
        }
        if (!"13".equals(head.only("sec-websocket-version"))) {
            throw HttpRefusalException.upgrade("this speaks version 13 of WebSocket");
        }
    }

    private static void checkKey(RequestHead head) throws HttpRefusalException {
        String key = head.only("sec-websocket-key");
        if (key == null || key.length() != 24 || !isKey(key)) {
            throw HttpRefusalException.bad("a Sec-WebSocket-Key is 16 bytes in base64");
        }
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void checkOrigin(RequestHead head, RequestTarget target) throws HttpRefusalException {
        String host = target.authority() != null ? target.authority() : head.only("host");
        if (!origins.allow(head.only("origin"), host)) {
            throw new HttpRefusalException(403, "pages of this origin may not connect");
        }
    }
}
