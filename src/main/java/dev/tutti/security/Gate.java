package dev.tutti.security;

import dev.tutti.settings.Setting;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
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
    private static final String OTHER_HOST =
            "this server does not answer for this host name: the setting allowed-hosts (TUTTI_ALLOWED_HOSTS) lists its own";
    private static final String OTHER_ORIGIN =
            "pages of this origin may not connect: the setting origins (TUTTI_ORIGINS) lists the others that may";
    private static final String KEY_IN_HANDSHAKE = "an API key is for HTTP requests: a WebSocket needs a token";
    private static final String NO_TOKEN = "a token is needed, such as Authorization: Bearer";

    private final Ways ways;
    private final boolean tokenInQuery;
    private final Hosts hosts;
    private final Origins origins;
    private final TokenVerifier tokens;
    /** Null if there are no API keys. */
    private final @Nullable ApiKeys keys;

    private final Revocations revocations = new Revocations();
    private final TokenAttempts attempts;
    private final Refusals refusals = new Refusals();
    private final LongSupplier nanoTime;

    /** The settings of the ways. */
    public record Options(
            @Setting(
                    value = "local",
                    help =
                            "ways in: local (this machine), open (everybody), container (its users), token (JWT); several with commas")
            Ways access,

            @Setting(value = "false", help = "whether the query parameter token may carry a token; proxies log it")
            boolean jwtInQuery,

            @Setting(
                    value = "10",
                    help = "failed tokens a second from one address, on average; its next ones are refused unseen")
            int maxFailedTokensPerSecond,

            @Setting(value = "", help = "host names of this server, with commas; requests for others get 403")
            Hosts allowedHosts) {

        /** Returns options with these ways, and else the defaults. */
        public Options(Ways access) {
            this(access, false, 10, Hosts.valueOf(""));
        }

        /** Returns options without a limit for each address: behind a proxy all peers have one. */
        public Options withoutAddressLimits() {
            return new Options(access, jwtInQuery, 0, allowedHosts);
        }
    }

    /** As below, for a server without tokens. */
    public Gate(Options options, Origins origins) {
        this(options, origins, TokenVerifier.NONE);
    }

    /** As below, for a server without API keys. */
    public Gate(Options options, Origins origins, TokenVerifier tokens) {
        this(options, origins, tokens, null);
    }

    /** Makes a gate for pages of these origins, for users with a token that passes the verifier, and for requests with a key. */
    public Gate(Options options, Origins origins, TokenVerifier tokens, @Nullable ApiKeys keys) {
        this(options, origins, tokens, keys, System::nanoTime);
    }

    /** As above, with another clock. */
    Gate(Options options, Origins origins, TokenVerifier tokens, @Nullable ApiKeys keys, LongSupplier nanoTime) {
        this.ways = options.access();
        this.tokenInQuery = options.jwtInQuery();
        this.hosts = options.allowedHosts();
        this.origins = origins;
        this.tokens = tokens;
        this.keys = keys;
        this.attempts = new TokenAttempts(revocations, options.maxFailedTokensPerSecond(), refusals, nanoTime);
        this.nanoTime = nanoTime;
    }

    /**
     * Returns the identity of a peer.
     *
     * @throws ForbiddenException if the server does not answer for this host, the page that the peer shows may not connect, or no way lets it in;
     *     the reason names the setting that could
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
        return acceptsTokens() ? recognize(caller) : admit(caller);
    }

    /**
     * Returns the identity of a peer that asks for its own; {@link Identity#ANONYMOUS} for one that has no access.
     *
     * @throws ForbiddenException if the page that it shows may not connect
     * @throws UnauthenticatedException if it sends a token that does not pass
     */
    public Identity recognize(Caller caller) {
        Identity identity = identify(caller);
        return identity == null ? Identity.ANONYMOUS : identity;
    }

    boolean acceptsTokens() {
        return ways.include(Way.TOKEN);
    }

    /**
     * Returns the identity of a token that a client sends in a message.
     *
     * @param address the {@link AddressKey} of the client; empty if it is unknown
     * @throws UnauthenticatedException if it does not pass
     */
    Identity authenticate(String token, String address) {
        return attempts.verify(tokens, token, address);
    }

    /** Returns how many tokens had a result, in handshakes, requests and messages. */
    public long tokens(TokenResult result) {
        return attempts.count(result);
    }

    /** Returns the revoked tokens, which this gate refuses. */
    public Revocations revocations() {
        return revocations;
    }

    /**
     * As {@link #admit}, for a request that other sites' pages may not send, even if the setting {@code origins} lists them: a browser sends a POST
     * for any page, without asking first.
     */
    public Identity admitToOwnPages(Caller caller) {
        if (!Origins.isOwn(caller.origin(), caller.host())) {
            throw new ForbiddenException("pages of other sites may not do this");
        }
        return admit(caller);
    }

    private @Nullable Identity identify(Caller caller) {
        requireHost(caller);
        String origin = caller.origin();
        if (origin != null && !origins.allow(origin, caller.host())) {
            String setting = origins.settingWith(origin);
            refusals.count(
                    setting == null
                            ? "a page without a site, such as a file (only --origins=* lets it connect)"
                            : "a page of another site (--origins=" + setting + " lets it connect)",
                    caller.addressKey());
            throw new ForbiddenException(OTHER_ORIGIN);
        }
        String principal = caller.principal();
        if (principal != null && ways.include(Way.CONTAINER)) {
            requireOwnPage(caller);
            return Identity.named(principal);
        }
        if (keys != null && hasKey(caller)) {
            return identifyByKey(caller, keys);
        }
        String token = acceptsTokens() ? caller.token(tokenInQuery) : null;
        if (token != null) {
            return attempts.verify(
                    tokens, token, caller.addressKey()); // a wrong one is refused, even if there is another way
        }
        if (ways.include(Way.LOCAL) && caller.isLocal()) {
            return Identity.visitor(Way.LOCAL);
        }
        return ways.include(Way.OPEN) ? Identity.visitor(Way.OPEN) : null;
    }

    private static boolean hasKey(Caller caller) {
        String token = caller.token(false);
        return token != null && ApiKeys.isKey(token);
    }

    /** Keys are for requests alone: the rights of a connection would outlive them. A wrong one is refused, even if there is another way. */
    private Identity identifyByKey(Caller caller, ApiKeys verifier) {
        if (caller.isHandshake()) {
            throw UnauthenticatedException.needsToken(KEY_IN_HANDSHAKE);
        }
        return attempts.verify(verifier, String.valueOf(caller.token(false)), caller.addressKey());
    }

    /** A peer at this machine may use any of its loopback names, which no name server gives to an attacker. */
    private void requireHost(Caller caller) {
        String host = caller.host();
        if (!hosts.allow(host) && !caller.isLocal()) {
            String setting = hosts.settingWith(host);
            refusals.count(
                    setting == null
                            ? "a request for no host"
                            : "a request for another host (--allowed-hosts=" + setting + " answers it)",
                    caller.addressKey());
            throw new ForbiddenException(OTHER_HOST);
        }
    }

    /** Handles a tick of the clock: renews the keys of tokens on {@code background}, and logs the refused peers. Does not block. */
    public void tick(Executor background) {
        tokens.tick(background);
        if (keys != null) {
            keys.tick(background);
        }
        attempts.tick();
        refusals.log(nanoTime.getAsLong());
    }

    /**
     * A browser adds the cookie of a session to the handshakes of every page, so no list of origins makes up for it. It also adds the origin to
     * each handshake, but not to a GET of the own page.
     */
    private static void requireOwnPage(Caller caller) {
        boolean isOwn = caller.origin() == null
                ? !caller.isHandshake() || caller.hasCredentials()
                : Origins.isOwn(caller.origin(), caller.host());
        if (caller.hasCookie() && !isOwn) {
            throw new ForbiddenException(
                    "a user who is authenticated by a cookie connects from pages of this server only");
        }
    }

    /**
     * Lets a peer see pages, or send a request with a key, which the route verifies. Pages hold nothing secret, so only a server that is for this
     * machine alone refuses them, to say why; and a server that does not answer for the host.
     *
     * @throws ForbiddenException if the peer cannot connect anyway
     */
    public void admitToPages(Caller caller) {
        requireHost(caller);
        if (ways.areLocalOnly() && !caller.isLocal() && (keys == null || !hasKey(caller))) {
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
