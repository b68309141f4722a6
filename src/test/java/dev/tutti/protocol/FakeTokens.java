package dev.tutti.protocol;

import dev.tutti.security.Authenticator;
import dev.tutti.security.Gate;
import dev.tutti.security.Identity;
import dev.tutti.security.Origins;
import dev.tutti.security.Permissions;
import dev.tutti.security.TokenVerifier;
import dev.tutti.security.UnauthenticatedException;
import dev.tutti.security.Way;
import dev.tutti.security.Ways;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tokens without signatures: the user's name, then roles, separated by commas. The token {@code bad} does not pass, {@code early} comes before
 * the server's first keys. Stateless.
 */
public final class FakeTokens {
    /** When each token ends. */
    public static final Instant END = Instant.ofEpochMilli(1_800_000_060_000L);

    /** Of a server that verifies no tokens. */
    public static final Authenticator NONE = new Authenticator(gate("open", TokenVerifier.NONE), Permissions.ALLOW_ALL);

    private FakeTokens() {}

    /** Returns an authenticator that accepts these tokens. */
    public static Authenticator with(Permissions permissions) {
        return new Authenticator(gate("token", FakeTokens::verify), permissions);
    }

    private static Gate gate(String ways, TokenVerifier tokens) {
        return new Gate(new Gate.Options(Ways.valueOf(ways)), Origins.of(new Origins.Options("")), tokens);
    }

    private static Identity verify(String token) {
        if (token.equals("early")) {
            throw UnauthenticatedException.tryLater("there are no keys yet");
        }
        if (token.isEmpty() || token.equals("bad")) {
            throw UnauthenticatedException.needsToken("this token is bad");
        }
        String[] names = token.split(",", -1);
        Set<String> roles = Arrays.stream(names).skip(1).collect(Collectors.toSet());
        return new Identity(Way.TOKEN, names[0], roles, Map.of(), END);
    }
}
