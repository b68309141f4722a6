package dev.tutti.endpoint;

import static java.nio.charset.StandardCharsets.US_ASCII;

import jakarta.websocket.Session;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** Who is behind a session. Stateless. */
final class User {
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{16,64}");
    private static final int NAME_BYTES = 9;

    private User() {}

    /**
     * Returns the name of the container's authenticated user; else one that belongs to the query parameter {@code guest}, a secret
     * that is good for nothing else; else nothing.
     */
    static String of(Session session) {
        Principal principal = session.getUserPrincipal();
        if (principal != null && principal.getName() != null) {
            return principal.getName();
        }
        List<String> secrets = session.getRequestParameterMap().getOrDefault("guest", List.of());
        return secrets.size() == 1 && SECRET.matcher(secrets.get(0)).matches() ? guest(secrets.get(0)) : "";
    }

    /** The colon keeps guests apart from users, in whose names it is rare. */
    private static String guest(String secret) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(US_ASCII));
            return "guest:" + Base64.getUrlEncoder().encodeToString(java.util.Arrays.copyOf(digest, NAME_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new LinkageError("every Java has SHA-256", e);
        }
    }
}
