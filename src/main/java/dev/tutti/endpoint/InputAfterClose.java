package dev.tutti.endpoint;

import jakarta.websocket.Session;

/**
 * The frames of a peer after its client has ended. A container goes on to read it until the peer closes, too. Confined to the thread that calls
 * the session.
 */
final class InputAfterClose {
    /** A peer has seldom sent more before it reads the close frame. */
    static final int MAX_IGNORED_BYTES = 256 << 10;

    private final Session session;
    private final String address;
    private final InputPace pace;
    private long ignoredBytes;

    InputAfterClose(Session session, String address, InputPace pace) {
        this.session = session;
        this.address = address;
        this.pace = pace;
    }

    /**
     * Ignores input.
     *
     * @throws TooMuchException if the close frame has been sent, and more than {@value #MAX_IGNORED_BYTES} bytes have come since, or too
     *     many long messages arrive
     */
    void ignore(int bytes) {
        if (session.isOpen()) {
            pace.pause(address);
            return;
        }
        ignoredBytes += bytes;
        if (ignoredBytes > MAX_IGNORED_BYTES || !pace.tryNow(bytes)) {
            throw new TooMuchException();
        }
    }

    /** Thrown to the container. On Tomcat this ends the connection; no method of the API does that without the peer. */
    static final class TooMuchException extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooMuchException() {
            super("the peer sends on after the close", null, false, false); // no fault of the server: no stack trace
        }
    }
}
