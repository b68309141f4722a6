package dev.tutti.security;

import dev.tutti.settings.Setting;

/**
 * The way into the server: admits or refuses the peer of each handshake, HTTP request and page. It alone asks for origins, and for the ways of
 * identification that the setting {@code access} turns on. Immutable.
 */
public final class Gate {
    private static final String NOT_LOCAL =
            "only this machine has access: the setting access lets others in, such as --access=open"
                    + " (TUTTI_ACCESS=open)";
    private static final String NOT_AUTHENTICATED =
            "only users that the container has authenticated have access: sign in first";

    private final Ways ways;
    private final Origins origins;

    /** The setting of the ways. */
    public record Options(
            @Setting(
                    value = "local",
                    help =
                            "ways in: local (this machine), open (everybody), container (its users); several with commas")
            Ways access) {}

    /** Makes a gate for pages of these origins. */
    public Gate(Options options, Origins origins) {
        this.ways = options.access();
        this.origins = origins;
    }

    /**
     * Returns the identity of a peer.
     *
     * @throws ForbiddenException if the page that it shows may not connect, or no way lets it in; the reason names the setting that could
     */
    public Identity admit(Caller caller) {
        if (!origins.allow(caller.origin(), caller.host())) {
            throw new ForbiddenException(
                    "pages of this origin may not connect: the setting origins (TUTTI_ORIGINS) lists the others that may");
        }
        String principal = caller.principal();
        if (principal != null && ways.include(Way.CONTAINER)) {
            requireOwnPage(caller);
            return Identity.named(principal);
        }
        if (ways.include(Way.LOCAL) && caller.isLocal()) {
            return Identity.visitor(Way.LOCAL);
        }
        if (ways.include(Way.OPEN)) {
            return Identity.visitor(Way.OPEN);
        }
        throw new ForbiddenException(ways.include(Way.CONTAINER) ? NOT_AUTHENTICATED : NOT_LOCAL);
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
