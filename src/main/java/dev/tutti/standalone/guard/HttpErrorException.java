package dev.tutti.standalone.guard;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** A request that is answered with an error and the end of the connection, instead of being passed on. Immutable. */
final class HttpRefusalException extends Exception {
    private static final long serialVersionUID = 1;

    /** The phrases of RFC 9110 section 15 and RFC 6585. */
    private static final Map<Integer, String> PHRASES = Map.ofEntries(
            Map.entry(400, "Bad Request"),
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

    /** RFC 9110 section 5.6.7. */
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    private final int status;
    private final String fields;

    /**
     * Makes a refusal.
     *
     * @param why one line in ASCII for people
     */
    HttpRefusalException(int status, String why) {
        this(status, why, "Connection: close\r\n");
    }

    private HttpRefusalException(int status, String why, String fields) {
        super(why, null, false, false);
        this.status = status;
        this.fields = fields;
    }

    /** The request breaks a rule: 400. */
    static HttpRefusalException bad(String why) {
        return new HttpRefusalException(400, why);
    }

    /** Another method is wanted: 405, which has to name those that are allowed (RFC 9110 section 15.5.6). */
    static HttpRefusalException method(String allowed) {
        return new HttpRefusalException(
                405, "this answers " + allowed + " only", "Connection: close\r\nAllow: " + allowed + "\r\n");
    }

    /** A WebSocket handshake of version 13 is wanted: 426 (RFC 9110 section 15.5.22, RFC 6455 section 4.4). */
    static HttpRefusalException upgrade(String why) {
        return new HttpRefusalException(
                426, why, "Connection: close, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
    }

    int status() {
        return status;
    }

    /** Returns the whole response; one to a HEAD request has no body (RFC 9110 section 9.3.2). */
    byte[] response(boolean toHead) {
        String body = getMessage() + "\n";
        String head = "HTTP/1.1 " + status + " " + PHRASES.get(status) + "\r\n"
                + "Date: " + DATE.format(ZonedDateTime.now(ZoneOffset.UTC)) + "\r\n"
                + fields
                + "Content-Type: text/plain;charset=utf-8\r\n"
                + "X-Content-Type-Options: nosniff\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n";
        return (toHead ? head : head + body).getBytes(US_ASCII);
    }
}
