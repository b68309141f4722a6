package dev.tutti.standalone.guard;

import dev.tutti.security.Origins;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The checks of a WebSocket handshake (RFC 6455 section 4.2.1). Immutable. */
final class HandshakeRules {
    private static final int KEY_BYTES = 16;

    private final WebSocketPaths paths;
    private final Origins origins;

    HandshakeRules(WebSocketPaths paths, Origins origins) {
        this.paths = paths;
        this.origins = origins;
    }

    /**
     * Returns whether a request is a handshake; it has passed {@link RequestRules}.
     *
     * @param limitError thrown for any handshake, valid or not; null if another connection is permitted
     * @throws HttpErrorException if it is an invalid handshake
     */
    boolean isHandshake(RequestHead head, RequestTarget target, @Nullable HttpErrorException limitError)
            throws HttpErrorException {
        boolean asksForUpgrade = head.elements("upgrade").anyMatch("websocket"::equals);
        if (!paths.contains(target.segments())) {
            if (asksForUpgrade) {
                throw new HttpErrorException(404, "no WebSocket endpoint at this path");
            }
            return false;
        }
        if (limitError != null) {
            throw limitError;
        }
        if (!head.method().equals("GET")) {
            throw HttpErrorException.methodNotAllowed("GET");
        }
        checkUpgrade(head, asksForUpgrade);
        checkKey(head);
        checkOrigin(head, target);
        return true;
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

    private void checkOrigin(RequestHead head, RequestTarget target) throws HttpErrorException {
        String host = target.authority() != null ? target.authority() : head.singleValue("host");
        if (!origins.allow(head.singleValue("origin"), host)) {
            throw new HttpErrorException(403, "origin not allowed");
        }
    }
}
