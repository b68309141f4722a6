package dev.tutti.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * HTTP calls to one address of the settings, bounded in time and in the bytes of the response. A call blocks its caller. Safe for any thread.
 *
 * <p>They follow no redirect, so nothing but the settings decides about the address. Not by {@code java.net.http}: its client keeps a thread of its
 * own, which a container reports as a leak. A call may throw any {@code RuntimeException} when another thread ends it: the JDK does.
 */
public final class HttpCalls {
    private static final int BUFFER_BYTES = 8 << 10;

    /**
     * The limits of each call.
     *
     * @param waitMillis for the connection, and for each part of the response
     * @param callNanos for the whole call; {@link HttpCalls#abortLate} ends later ones
     * @param responseBytes of the body
     */
    public record Limits(int waitMillis, long callNanos, int responseBytes) {}

    /**
     * The response to a message, without its body.
     *
     * @param status -1 if the response is not HTTP
     * @param retryAfter the header of this name; null if it is missing
     */
    public record Receipt(int status, @Nullable String retryAfter) {}

    @FunctionalInterface
    private interface Reader<T> {
        T read(HttpURLConnection connection, long endNanos) throws IOException;
    }

    private final URL address;
    private final Limits limits;
    private final LongSupplier nanoTime;
    /** The calls on their way, each with its deadline. */
    private final Map<HttpURLConnection, Long> open = new ConcurrentHashMap<>();

    private volatile boolean isStopped;

    /** @param nanoTime returns nanoseconds from any origin */
    public HttpCalls(URL address, Limits limits, LongSupplier nanoTime) {
        this.address = address;
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    /**
     * Returns the address of a setting.
     *
     * @throws IllegalArgumentException if it is no HTTP address; the message names the setting
     */
    public static URL address(String setting, String text) {
        URL address;
        try {
            address = new URL(text);
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(setting + ": '" + text + "' is not an address", e);
        }
        if (!address.getProtocol().equals("http") && !address.getProtocol().equals("https")) {
            throw new IllegalArgumentException(setting + ": '" + text + "' is not an http address");
        }
        return address;
    }

    /**
     * Returns the text at the address.
     *
     * @throws IOException for any status but 200, and if the response is too long or too late
     */
    public String get(Map<String, String> headers) throws IOException {
        return call(headers, null, this::text);
    }

    /** Posts a body; otherwise as {@link #get}. */
    public String post(Map<String, String> headers, byte[] body) throws IOException {
        return call(headers, body, this::text);
    }

    /**
     * Posts a message, for which only the status of the response counts.
     *
     * @throws IOException if no response arrives
     */
    public Receipt deliver(Map<String, String> headers, byte[] body) throws IOException {
        return call(headers, body, (connection, endNanos) -> {
            Receipt receipt = new Receipt(connection.getResponseCode(), connection.getHeaderField("Retry-After"));
            skipBody(connection, receipt.status());
            return receipt;
        });
    }

    /** Ends the calls that take too long: time limits of a connection do not stop a response that arrives byte by byte. Does not block. */
    public void abortLate() {
        long now = nanoTime.getAsLong();
        open.forEach((connection, endNanos) -> {
            if (now - endNanos >= 0) {
                connection.disconnect();
            }
        });
    }

    /** Ends all calls, and refuses later ones: a thread that waits for a response would outlive the application. */
    public void stop() {
        isStopped = true;
        open.keySet().forEach(HttpURLConnection::disconnect);
    }

    private <T> T call(Map<String, String> headers, byte @Nullable [] body, Reader<T> reader) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.openConnection();
        long endNanos = nanoTime.getAsLong() + limits.callNanos();
        open.put(connection, endNanos);
        try {
            if (isStopped) { // read after the connection was added: either this sees it, or stop() sees the connection
                throw new IOException("the server stops");
            }
            connection.setInstanceFollowRedirects(false);
            connection.setConnectTimeout(limits.waitMillis());
            connection.setReadTimeout(limits.waitMillis());
            connection.setUseCaches(false);
            headers.forEach(connection::setRequestProperty);
            if (body != null) {
                connection.setDoOutput(true);
                try (OutputStream out = connection.getOutputStream()) {
                    out.write(body);
                }
            }
            return reader.read(connection, endNanos);
        } finally {
            open.remove(connection);
        }
    }

    private String text(HttpURLConnection connection, long endNanos) throws IOException {
        boolean isWhole = false;
        try {
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                throw new IOException("status " + status);
            }
            try (InputStream in = connection.getInputStream()) {
                String text = read(in, endNanos);
                isWhole = true;
                return text;
            }
        } finally {
            if (!isWhole) {
                connection.disconnect();
            }
        }
    }

    private String read(InputStream in, long endNanos) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            text.write(buffer, 0, count);
            if (text.size() > limits.responseBytes()) {
                throw new IOException("the response has more than " + limits.responseBytes() + " bytes");
            }
            if (nanoTime.getAsLong() - endNanos > 0) {
                throw new IOException("the response takes too long");
            }
        }
        return text.toString(UTF_8);
    }

    /** Reads a short body, so that the next call can use the connection; ends a connection with a long or broken one. */
    private void skipBody(HttpURLConnection connection, int status) {
        boolean isWhole = false;
        try (InputStream in = status < HttpURLConnection.HTTP_BAD_REQUEST
                ? connection.getInputStream()
                : connection.getErrorStream()) {
            isWhole = in == null || in.readNBytes(limits.responseBytes() + 1).length <= limits.responseBytes();
            if (!isWhole) {
                connection.disconnect(); // before the stream is closed, which would read on
            }
        } catch (IOException | RuntimeException e) {
            isWhole = false; // the status has arrived
        }
        if (!isWhole) {
            connection.disconnect();
        }
    }

    /** Returns the address without user, password and query, which may be secrets. */
    @Override
    public String toString() {
        String port = address.getPort() < 0 ? "" : ":" + address.getPort();
        return address.getProtocol() + "://" + address.getHost() + port + address.getPath();
    }
}
