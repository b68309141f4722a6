package dev.tutti.security;

import dev.tutti.settings.Setting;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The way into the server: admits or refuses the peer of each handshake, HTTP request and page. It alone asks for origins, and for the ways of
 * identification that the setting {@code access} turns on. Safe for any thread.
 */
public final class Gate {
    private static final String NOT_LOCAL =
            "only this machine has access: the setting access lets others in, such as --access=open"
                    + " (TUTTI_ACCESS=open)";
    private static final String NOT_AUTHENTICATED =
            "only users that the container has authenticated have access: sign in first";
    private static final String NO_TOKEN = "a token is needed, such as Authorization: Bearer";

    private final Ways ways;
    private final boolean tokenInQuery;
    private final Origins origins;
    private final TokenVerifier tokens;
    private final Revocations revocations = new Revocations();

    /** The settings of the ways. */
    public record Options(
            @Setting(
                    value = "local",
                    help =
                            "ways in: local (this machine), open (everybody), container (its users), token (JWT); several with commas")
            Ways access,

            @Setting(value = "false", help = "whether the query parameter token may carry a token; proxies log it")
            boolean jwtInQuery) {

        /** Returns options without tokens in the query. */
        public Options(Ways access) {
            this(access, false);
        }
    }

    /** As below, for a server without tokens. */
    public Gate(Options options, Origins origins) {
        this(options, origins, TokenVerifier.NONE);
    }

    /** Makes a gate for pages of these origins, and for users with a token that passes the verifier. */
    public Gate(Options options, Origins origins, TokenVerifier tokens) {
        this.ways = options.access();
        this.tokenInQuery = options.jwtInQuery();
        this.origins = origins;
        this.tokens = tokens;
    }

    /**
     * Returns the identity of a peer.
     *
     * @throws ForbiddenException if the page that it shows may not connect, or no way lets it in; the reason names the setting that could
     * @throws UnauthenticatedException if it sends a token that does not pass, or a token is the way that could let it in
     */
    public Identity admit(Caller caller) {
        Identity identity = identify(caller);
        if (identity != null) {
            return identity;
        }
        if (ways.include(Way.TOKEN)) {
            throw UnauthenticatedException.needsToken(NO_TOKEN);
        }
        throw new ForbiddenException(ways.include(Way.CONTAINER) ? NOT_AUTHENTICATED : NOT_LOCAL);
    }

    /**
     * As {@link #admit}, for a protocol with a message that carries a token: a peer without a token may send it later.
     *
     * @return {@link Identity#ANONYMOUS} for such a peer
     */
    public Identity admitBeforeToken(Caller caller) {
        Identity identity = acceptsTokens() ? identify(caller) : admit(caller);
        return identity == null ? Identity.ANONYMOUS : identity;
    }

    boolean acceptsTokens() {
        return ways.include(Way.TOKEN);
    }

    /**
     * Returns the identity of a token that a client sends in a message.
     *
     * @throws UnauthenticatedException if it does not pass
     */
    Identity authenticate(String token) {
        Identity identity = tokens.verify(token);
        if (revocations.include(identity)) {
            throw UnauthenticatedException.needsToken(Revocations.REVOKED);
        }
        return identity;
    }

    /** Returns the revoked tokens, which this gate refuses. */
    public Revocations revocations() {
        return revocations;
    }

    /**
     * As {@link #admit}, for a request that other sites' pages may not send, whatever the setting {@code origins} lists: a browser sends a POST
     * for any page, without asking first.
     */
    public Identity admitToOwnPages(Caller caller) {
        if (!Origins.isOwn(caller.origin(), caller.host())) {
            throw new ForbiddenException("pages of other sites may not do this");
        }
        return admit(caller);
    }

    private @Nullable Identity identify(Caller caller) {
        if (!origins.allow(caller.origin(), caller.host())) {
            throw new ForbiddenException(
                    "pages of this origin may not connect: the setting origins (TUTTI_ORIGINS) lists the others that may");
        }
        String principal = caller.principal();
        if (principal != null && ways.include(Way.CONTAINER)) {
            requireOwnPage(caller);
            return Identity.named(principal);
        }
        String token = acceptsTokens() ? caller.token(tokenInQuery) : null;
        if (token != null) {
            return authenticate(token); // a wrong one is refused, whatever other way there is
        }
        if (ways.include(Way.LOCAL) && caller.isLocal()) {
            return Identity.visitor(Way.LOCAL);
        }
        return ways.include(Way.OPEN) ? Identity.visitor(Way.OPEN) : null;
    }

    /** Handles a tick of the clock: renews the keys of tokens on {@code background}. Does not block. */
    public void tick(Executor background) {
        tokens.tick(background);
    }

    /** A browser adds the cookie of a session to the handshakes of every page, so no list of origins makes up for it. */
    private void requireOwnPage(Caller caller) {
        if (caller.headers().get("Cookie") != null && !Origins.isOwn(caller.origin(), caller.host())) {
            throw new ForbiddenException(
                    "a user who is authenticated by a cookie connects from pages of this server only");
        }
    }

    /**
     * Lets a peer see pages. They hold nothing secret, so only a server that is for this machine alone refuses them, to say why.
     *
     * @throws ForbiddenException if the peer cannot connect anyway
     */
    public void admitToPages(Caller caller) {
        if (ways.areLocalOnly() && !caller.isLocal()) {
            throw new ForbiddenException(NOT_LOCAL);
        }
    }

    /** Returns the operator's line about the peers that can connect. */
    public String summary() {
        if (ways.include(Way.OPEN)) {
            return "every peer that reaches this server may read and change everything (access=" + ways + ")";
        }
        return ways.areLocalOnly() ? "only this machine has access (access=local)" : "access=" + ways;
    }
}
