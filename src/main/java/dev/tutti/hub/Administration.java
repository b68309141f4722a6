package dev.tutti.hub;

import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Revocations;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * Ends connections, and takes rights from open ones, on behalf of an administrator. Safe for any thread; no method blocks, and none asks whether
 * its caller may do this.
 *
 * <p>A user is the one that the container, a token or a guest's secret names. An anonymous guest is none: see {@link #disconnectClient}. Each stage
 * gives the number of connections concerned, and completes when the server has ended their rights; then the clients learn it, each after its earlier
 * frames.
 */
public final class Administration {
    private static final String DISCONNECTED = "an administrator has disconnected this user";

    /** As far as the clock of an issuer may be ahead. */
    private static final Duration LATEST = Duration.ofMinutes(10);

    private final Hub hub;
    private final Revocations revocations;
    private final Permissions permissions;

    /** Administers the clients of a hub, the tokens that its gate refuses by {@code revocations}, and the cached answers of the permissions. */
    public Administration(Hub hub, Revocations revocations, Permissions permissions) {
        this.hub = hub;
        this.revocations = revocations;
        this.permissions = permissions;
    }

    /** Closes all connections of a user with 4403. The user may connect again. */
    public CompletionStage<Integer> disconnect(String user) {
        Predicate<Identity> isUser = isNamed(user);
        return hub.clients().sweep(client -> client.hasIdentity(isUser), client -> {
            client.close(CloseCode.FORBIDDEN, DISCONNECTED);
            return null;
        });
    }

    /**
     * Closes one connection with 4403.
     *
     * @param id as {@link Client#id}
     * @return false if there is none
     */
    public boolean disconnectClient(String id) {
        Client client = hub.clients().get(id);
        if (client != null) {
            client.close(CloseCode.FORBIDDEN, DISCONNECTED);
        }
        return client != null;
    }

    /**
     * Revokes all tokens that a user has now; otherwise as {@link #revoke(String, Instant)}.
     */
    public CompletionStage<Integer> revoke(String user) {
        return revoke(user, now());
    }

    /**
     * Revokes the tokens of a user that were issued before a time: closes their connections with 4401, and refuses them from now on.
     *
     * @throws IllegalArgumentException if no token names such a user, or the time is more than ten minutes from now
     */
    public CompletionStage<Integer> revoke(String user, Instant issuedBefore) {
        if (issuedBefore.isAfter(now().plus(LATEST))) {
            throw new IllegalArgumentException("tokens that are issued later cannot be revoked now");
        }
        revocations.revokeUser(user, issuedBefore);
        return hub.clients().reauthorize(revocations::include);
    }

    /**
     * Revokes one token; otherwise as {@link #revoke}.
     *
     * @param jti its id, of 1 to 256 characters
     * @throws IllegalArgumentException if no such id can be revoked
     */
    public CompletionStage<Integer> revokeToken(String jti) {
        revocations.revokeToken(jti, now());
        return hub.clients().reauthorize(revocations::include);
    }

    /** Takes the rights of all connections of a user anew, because the decisions of the permissions have changed. */
    public CompletionStage<Integer> reauthorize(String user) {
        Predicate<Identity> isUser = isNamed(user);
        permissions.forget(user);
        return hub.clients().reauthorize(isUser);
    }

    /** Takes the rights of all connections anew. */
    public CompletionStage<Integer> reauthorizeAll() {
        return hub.clients().reauthorize(identity -> true);
    }

    private Instant now() {
        return Instant.ofEpochMilli(hub.time().millis());
    }

    private static Predicate<Identity> isNamed(String user) {
        if (user.isEmpty()) {
            throw new IllegalArgumentException("an anonymous guest has no name");
        }
        return identity -> identity.user().equals(user);
    }
}
