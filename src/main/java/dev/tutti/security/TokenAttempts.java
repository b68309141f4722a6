package dev.tutti.security;

import dev.tutti.rate.RateByKey;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Verifies tokens and keys, up to a rate of failures of each address; beyond it refuses tokens of that address unseen, because a check of a signature
 * costs much more than a refusal. Safe for any thread.
 */
final class TokenAttempts {
    /**
     * A token that is refused before the check of its signature counts so much of a failure, because it costs so much less. Honest clients send
     * such tokens: stock ones that slept repeat an expired one for ever.
     */
    private static final double UNCHECKED_WEIGHT = 0.05;

    private final Revocations revocations;
    /** Null for no limit. */
    private final @Nullable RateByKey failures;

    private final Refusals refusals;
    private final LongSupplier nanoTime;
    private final Map<TokenResult, LongAdder> results = new EnumMap<>(TokenResult.class);

    /** @param maxFailuresPerSecond of one address, on average; 0 for no limit */
    TokenAttempts(Revocations revocations, int maxFailuresPerSecond, Refusals refusals, LongSupplier nanoTime) {
        this.revocations = revocations;
        this.failures = maxFailuresPerSecond == 0 ? null : new RateByKey(maxFailuresPerSecond, nanoTime.getAsLong());
        this.refusals = refusals;
        this.nanoTime = nanoTime;
        for (TokenResult result : TokenResult.values()) {
            results.put(result, new LongAdder());
        }
    }

    /**
     * Returns the identity that a token or a key gives. Does not block.
     *
     * @param address the {@link AddressKey} of the peer that sends it; empty if it is unknown: such peers have no limit
     * @throws UnauthenticatedException if the token does not pass, or too many others of this address have not
     */
    Identity verify(TokenVerifier verifier, String token, String address) {
        RateByKey limit = address.isEmpty() ? null : failures;
        if (limit != null && limit.isExceeded(address, nanoTime.getAsLong())) {
            throw counted(UnauthenticatedException.tooMany(), address);
        }
        try {
            Identity identity = verifier.verify(token);
            if (revocations.include(identity)) {
                throw UnauthenticatedException.needsToken(Revocations.REVOKED);
            }
            adder(TokenResult.ACCEPTED).increment();
            return identity;
        } catch (UnauthenticatedException e) {
            if (limit != null && !e.isTemporary()) {
                limit.add(address, e.isUnchecked() ? UNCHECKED_WEIGHT : 1, nanoTime.getAsLong());
            }
            throw counted(e, address);
        }
    }

    private UnauthenticatedException counted(UnauthenticatedException failure, String address) {
        adder(TokenResult.of(failure)).increment();
        refusals.count(failure.reason(), address);
        return failure;
    }

    /** Returns how many tokens had a result. */
    long count(TokenResult result) {
        return adder(result).sum();
    }

    private LongAdder adder(TokenResult result) {
        return Objects.requireNonNull(results.get(result));
    }

    /** Handles a tick of the clock. */
    void tick() {
        if (failures != null) {
            failures.forgetIdle(nanoTime.getAsLong());
        }
    }
}
