package dev.tutti.standalone.guard;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** An HTTP error response to a bad request, after which the connection closes. Immutable. */
final class HttpErrorException extends Exception {
    private static final long serialVersionUID = 1;

    /** Reason phrases (RFC 9110 section 15, RFC 6585). */
    private static final Map<Integer, String> PHRASES = Map.ofEntries(
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(408, "Request Timeout"),
            Map.entry(413, "Content Too Large"),
            Map.entry(414, "URI Too Long"),
            Map.entry(417, "Expectation Failed"),
            Map.entry(426, "Upgrade Required"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(431, "Request Header Fields Too Large"),
            Map.entry(501, "Not Implemented"),
            Map.entry(503, "Service Unavailable"),
            Map.entry(505, "HTTP Version Not Supported"));

    /** The format of Date (RFC 9110 section 5.6.7). */
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    private final int status;
    /** Header fields that depend on the status, each ending in CRLF. */
    private final String fields;

    /**
     * Makes an error.
     *
     * @param message the response's body: one line in ASCII
     */
    HttpErrorException(int status, String message) {
        this(status, message, "Connection: close\r\n");
    }

    private HttpErrorException(int status, String message, String fields) {
        super(message, null, false, false);
        this.status = status;
        this.fields = fields;
    }

    /** Returns a 400. */
    static HttpErrorException badRequest(String message) {
        return new HttpErrorException(400, message);
    }

    /** Returns a 401, which asks for a token (RFC 6750 section 3). */
    static HttpErrorException unauthorized(String message) {
        return new HttpErrorException(401, message, "Connection: close\r\nWWW-Authenticate: Bearer\r\n");
    }

    /** Returns a 405, which lists the allowed methods (RFC 9110 section 15.5.6). */
    static HttpErrorException methodNotAllowed(String allowed) {
        return new HttpErrorException(
                405, "allowed methods: " + allowed, "Connection: close\r\nAllow: " + allowed + "\r\n");
    }

    /** Returns a 426, which asks for a WebSocket handshake of version 13 (RFC 9110 section 15.5.22, RFC 6455 section 4.4). */
    static HttpErrorException upgradeRequired(String message) {
        return new HttpErrorException(
                426, message, "Connection: close, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
    }

    /** Returns a 503 that says after how many seconds to try again (RFC 9110 section 10.2.3). */
    static HttpErrorException unavailable(String message, int retryAfterSeconds) {
        return new HttpErrorException(503, message, "Connection: close\r\nRetry-After: " + retryAfterSeconds + "\r\n");
    }

    int status() {
        return status;
    }

    /** Returns the whole response. A response to HEAD has no body (RFC 9110 section 9.3.2). */
    byte[] response(boolean isHeadRequest) {
        String body = getMessage() + "\n";
        String head = "HTTP/1.1 " + status + " " + PHRASES.get(status) + "\r\n"
                + "Date: " + DATE.format(ZonedDateTime.now(ZoneOffset.UTC)) + "\r\n"
                + fields
                + "Content-Type: text/plain;charset=utf-8\r\n"
                + "X-Content-Type-Options: nosniff\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n";
        return (isHeadRequest ? head : head + body).getBytes(US_ASCII);
    }
}
