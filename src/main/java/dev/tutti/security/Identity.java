package dev.tutti.security;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The user behind a connection, captured once at the handshake. Immutable.
 *
 * @param way by which the user was identified
 * @param user the user's name; empty for a connection that nothing identifies
 * @param roles names of the user's roles
 * @param attributes further facts about the user, by name
 * @param expiresAt when the identity ends; null for never
 * @param grants the rights that the user's token or key carries; null if it carries none, or there is neither
 */
public record Identity(
        Way way,
        String user,
        Set<String> roles,
        Map<String, String> attributes,
        @Nullable Instant expiresAt,
        @Nullable List<Grant> grants) {
    /** A connection that nothing has identified and nothing has let in: it may do nothing. */
    public static final Identity ANONYMOUS = visitor(Way.NONE);

    private static final String GUEST_PREFIX = "guest:";
    private static final Pattern GUEST_SECRET = Pattern.compile("[A-Za-z0-9_-]{16,64}");
    private static final int GUEST_NAME_BYTES = 9;

    /** Copies the collections. */
    public Identity {
        roles = Set.copyOf(roles);
        attributes = Map.copyOf(attributes);
        grants = grants == null ? null : List.copyOf(grants);
    }

    /** Makes an identity that carries no rights. */
    public Identity(
            Way way, String user, Set<String> roles, Map<String, String> attributes, @Nullable Instant expiresAt) {
        this(way, user, roles, attributes, expiresAt, null);
    }

    /** Returns the identity of an authenticated user who has no roles or attributes, and never expires. */
    public static Identity named(String user) {
        return new Identity(Way.CONTAINER, user, Set.of(), Map.of(), null);
    }

    /**
     * Returns the identity of an API key, whose user is {@code key:} and its name: no other way gives such a user by accident.
     *
     * @param grants null for a key with the rights of every user
     */
    static Identity ofApiKey(String name, @Nullable List<Grant> grants) {
        return new Identity(Way.KEY, "key:" + name, Set.of(), Map.of(), null, grants);
    }

    /** Returns the identity of an anonymous guest. */
    public static Identity visitor(Way way) {
        return new Identity(way, "", Set.of(), Map.of(), null);
    }

    /**
     * Returns this identity; if it is an anonymous guest's, with a name: the same for the same secret, from which the secret cannot be found.
     *
     * @param secret chosen by the client; anything but 16 to 64 of {@code A–Z a–z 0–9 _ -} leaves the guest anonymous
     */
    public Identity withGuestSecret(String secret) {
        return user.isEmpty() && GUEST_SECRET.matcher(secret).matches()
                ? new Identity(way, GUEST_PREFIX + digest(secret), roles, attributes, expiresAt, grants)
                : this;
    }

    /** Returns the name by which limits count this user; empty for guests, who can take any number of names. */
    public String accountName() {
        return way == Way.CONTAINER || way == Way.TOKEN || way == Way.KEY ? user : "";
    }

    /** Returns whether a user's name is one of guests, who can take any number of names. */
    public static boolean isGuestName(String user) {
        return user.isEmpty() || user.startsWith(GUEST_PREFIX);
    }

    /** Returns whether nothing has identified the connection; it may do nothing until it sends a token. */
    public boolean isUnidentified() {
        return way == Way.NONE;
    }

    /** Returns whether the identity has ended. */
    public boolean isExpired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }

    private static String digest(String secret) {
        byte[] digest = Sha256.of(secret.getBytes(US_ASCII));
        return Base64.getUrlEncoder().encodeToString(Arrays.copyOf(digest, GUEST_NAME_BYTES));
    }
}
