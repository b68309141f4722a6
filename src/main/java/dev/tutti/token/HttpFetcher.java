package dev.tutti.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.util.function.LongSupplier;

/**
 * Fetches a text by HTTP, bounded in time and bytes. It follows no redirect, so nothing but the settings decides about the address. Immutable.
 *
 * <p>Not by {@code java.net.http}: its client keeps a thread of its own, which a container reports as a leak.
 */
final class HttpFetcher implements RemoteKeys.Fetcher {
    /** A JWKS of 100 RSA keys with certificates needs less. */
    private static final int MAX_BYTES = 1 << 20;

    private static final int CONNECT_MILLIS = 5_000;
    private static final int READ_MILLIS = 5_000;

    /** The time for the whole response, however slowly it arrives. */
    private static final long RESPONSE_NANOS = 20_000_000_000L;

    private static final int BUFFER_BYTES = 8 << 10;

    private final URL address;
    private final LongSupplier nanoTime;

    HttpFetcher(URL address, LongSupplier nanoTime) {
        this.address = address;
        this.nanoTime = nanoTime;
    }

    @Override
    public String fetch() throws IOException {
        long endNanos = nanoTime.getAsLong() + RESPONSE_NANOS;
        HttpURLConnection connection = (HttpURLConnection) address.openConnection();
        try {
            connection.setInstanceFollowRedirects(false);
            connection.setConnectTimeout(CONNECT_MILLIS);
            connection.setReadTimeout(READ_MILLIS);
            connection.setUseCaches(false);
            connection.setRequestProperty("Accept", "application/jwk-set+json, application/json");
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                throw new IOException("status " + status);
            }
            try (InputStream in = connection.getInputStream()) {
                return read(in, endNanos);
            }
        } finally {
            connection.disconnect();
        }
    }

    private String read(InputStream in, long endNanos) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            text.write(buffer, 0, count);
            if (text.size() > MAX_BYTES) {
                throw new IOException("the response has more than " + MAX_BYTES + " bytes");
            }
            if (nanoTime.getAsLong() - endNanos > 0) {
                throw new IOException("the response takes too long");
            }
        }
        return text.toString(UTF_8);
    }
}
