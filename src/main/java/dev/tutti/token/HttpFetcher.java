package dev.tutti.token;

import dev.tutti.remote.HttpCalls;
import java.io.IOException;
import java.net.URL;
import java.util.Map;
import java.util.function.LongSupplier;

/** Fetches a JWKS by HTTP, bounded in time and bytes. Safe for any thread. */
final class HttpFetcher implements RemoteKeys.Fetcher {
    /** A JWKS of 100 RSA keys with certificates needs less. */
    private static final int MAX_BYTES = 1 << 20;

    private static final int WAIT_MILLIS = 5_000;

    /** The time for the whole response, however slowly it arrives. */
    private static final long RESPONSE_NANOS = 20_000_000_000L;

    private static final Map<String, String> HEADERS = Map.of("Accept", "application/jwk-set+json, application/json");

    private final HttpCalls calls;

    HttpFetcher(URL address, LongSupplier nanoTime) {
        calls = new HttpCalls(address, new HttpCalls.Limits(WAIT_MILLIS, RESPONSE_NANOS, MAX_BYTES), nanoTime);
    }

    @Override
    public String fetch() throws IOException {
        return calls.get(HEADERS);
    }
}
