package dev.tutti.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.conformance.AccessCases.Outcome;
import dev.tutti.standalone.SecretTokens;
import java.util.Base64;
import java.util.List;

/**
 * The credentials of a user, and the place where they travel. Immutable.
 *
 * @param name for people
 * @param headers of each handshake and request, each ending in CRLF
 * @param query of each path; empty for none
 * @param subprotocolToken token beside the subprotocol; empty for none
 * @param messageToken token in the protocol's own message; empty for none
 * @param outcomes what may happen to this user
 */
record WayIn(
        String name,
        String headers,
        String query,
        String subprotocolToken,
        String messageToken,
        List<Outcome> outcomes) {
    private static final List<Outcome> BOTH = List.of(Outcome.ALLOWED, Outcome.REFUSED);

    private static WayIn byHeaders(String name, String headers) {
        return new WayIn(name, headers, "", "", "", BOTH);
    }

    /** Whoever sits at this machine has all rights. */
    static WayIn local() {
        return new WayIn("local", "", "", "", "", List.of(Outcome.ALLOWED));
    }

    /** A guest behind a proxy is not local. */
    static WayIn open() {
        return byHeaders("open", "X-Forwarded-For: 192.0.2.7\r\n");
    }

    /** The container authenticates the user by BASIC; the password is the name. */
    static WayIn container(String user) {
        String credentials = Base64.getEncoder().encodeToString((user + ":" + user).getBytes(UTF_8));
        return byHeaders("container", "Authorization: Basic " + credentials + "\r\n");
    }

    static WayIn tokenInHeader(String user) {
        return byHeaders("token in a header", "Authorization: Bearer " + SecretTokens.token(user, 3_600) + "\r\n");
    }

    static WayIn tokenInSubprotocol(String user) {
        return new WayIn("token in a subprotocol", "", "", SecretTokens.token(user, 3_600), "", BOTH);
    }

    static WayIn tokenInMessage(String user) {
        return new WayIn(
                "token in a message", "X-Forwarded-For: 192.0.2.7\r\n", "", "", SecretTokens.token(user, 3_600), BOTH);
    }

    static WayIn tokenInQuery(String user) {
        return new WayIn("token in the query", "", "?token=" + SecretTokens.token(user, 3_600), "", "", BOTH);
    }

    /** Returns whether a protocol has a place for these credentials. */
    boolean suits(String protocol) {
        if (!subprotocolToken.isEmpty()) {
            return protocol.equals("tutti.v1") || protocol.equals("y-websocket");
        }
        return messageToken.isEmpty() || protocol.equals("tutti.v1") || protocol.equals("Hocuspocus");
    }

    @Override
    public String toString() {
        return name;
    }
}
