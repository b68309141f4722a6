package dev.tutti.http;

import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.RequestRates;
import dev.tutti.security.Access;
import dev.tutti.security.Authenticator;
import dev.tutti.security.Identity;

/**
 * Admits the callers of routes, and counts their requests: for the limits a request is a message of its user, and one of an anonymous caller a
 * message of its address. Safe for any thread.
 */
final class Admission {
    private final Authenticator authenticator;
    private final RequestRates rates;

    Admission(Authenticator authenticator, RequestRates rates) {
        this.authenticator = authenticator;
        this.rates = rates;
    }

    /**
     * Returns the access of a caller.
     *
     * @throws dev.tutti.security.ForbiddenException if no way lets it in
     * @throws dev.tutti.security.UnauthenticatedException if a token is needed, or its token or key does not pass
     * @throws ApiException if it sends too many requests
     */
    Access admit(ApiRequest request) {
        return counted(request, authenticator.gate().admit(request.caller()));
    }

    /** As {@link #admit}, for a request that pages of other sites may not send: one that changes something. */
    Access admitToOwnPages(ApiRequest request) {
        return counted(request, authenticator.gate().admitToOwnPages(request.caller()));
    }

    private Access counted(ApiRequest request, Identity identity) {
        count(request, identity, 1, Math.max(0, request.contentLength()));
        return authenticator.of(identity);
    }

    /** Counts further messages of an admitted request, such as each publication after the first. */
    void count(ApiRequest request, Identity identity, int messages) {
        if (messages > 0) {
            count(request, identity, messages, 0);
        }
    }

    private void count(ApiRequest request, Identity identity, int messages, int bytes) {
        LimitBreach breach = rates.count(identity, request.caller().addressKey(), messages, bytes);
        if (breach != null) {
            throw new ApiException(ApiError.RATE_LIMITED, breach.reason());
        }
    }
}
