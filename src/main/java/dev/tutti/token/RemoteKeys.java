package dev.tutti.token;

import com.nimbusds.jose.JWSAlgorithm;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys that an issuer publishes at an address. It fetches them in the background, ahead of their use, and keeps the last ones while the
 * issuer's server is away or answers anything else. Safe for any thread.
 */
final class RemoteKeys implements KeySource {
    /** How long fetched keys are up to date. A key that the issuer withdraws is accepted for that long. */
    static final long REFRESH_NANOS = 300_000_000_000L;

    /** The shortest time between two fetches: after a failure, and for an unknown key. */
    static final long RETRY_NANOS = 30_000_000_000L;

    private static final Logger LOG = System.getLogger(RemoteKeys.class.getName());

    /** Fetches the text of a JWKS; it may block. */
    @FunctionalInterface
    interface Fetcher {
        String fetch() throws IOException;
    }

    private final String address;
    private final Fetcher fetcher;
    private final Set<JWSAlgorithm> algorithms;
    private final LongSupplier nanoTime;
    private volatile @Nullable VerificationKeys keys;

    // All below: guarded by this.
    private boolean isFetching;
    private long lastFetchNanos;
    /** The last fetch succeeded. */
    private boolean isFresh;
    /** A key was unknown since the last fetch began. */
    private boolean lacksKey;
    /** The failure of the last fetch is logged. */
    private boolean isFailureLogged;

    /**
     * Has no keys until the fetch that the first tick starts.
     *
     * @param address for the log
     */
    RemoteKeys(String address, Fetcher fetcher, Set<JWSAlgorithm> algorithms, LongSupplier nanoTime) {
        this.address = address;
        this.fetcher = fetcher;
        this.algorithms = algorithms;
        this.nanoTime = nanoTime;
        this.lastFetchNanos = nanoTime.getAsLong() - RETRY_NANOS;
    }

    @Override
    public @Nullable VerificationKeys current() {
        return keys;
    }

    @Override
    public synchronized void keyIsUnknown() {
        lacksKey = true;
    }

    @Override
    public void tick(Executor background) {
        synchronized (this) {
            long now = nanoTime.getAsLong();
            long pauseNanos = isFresh && !lacksKey ? REFRESH_NANOS : RETRY_NANOS;
            if (isFetching || now - lastFetchNanos < pauseNanos) {
                return;
            }
            isFetching = true;
            lacksKey = false;
            lastFetchNanos = now;
        }
        background.execute(this::fetch);
    }

    private void fetch() {
        boolean succeeded = false;
        try {
            keys = VerificationKeys.parse(fetcher.fetch(), algorithms);
            succeeded = true;
        } catch (IOException | RuntimeException e) {
            logFailure(e);
        } finally {
            fetched(succeeded);
        }
    }

    private synchronized void fetched(boolean succeeded) {
        isFetching = false;
        isFresh = succeeded;
        isFailureLogged = !succeeded;
    }

    private synchronized void logFailure(Exception failure) {
        if (!isFailureLogged) {
            LOG.log(
                    Level.WARNING,
                    "the keys of tokens at {0} cannot be fetched ({1}); {2}",
                    address,
                    failure.getMessage(),
                    keys == null ? "no token is accepted until they are" : "the earlier ones stay in use");
        }
    }
}
