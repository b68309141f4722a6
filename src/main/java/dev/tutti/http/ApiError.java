package dev.tutti.http;

import dev.tutti.security.UnauthenticatedException;
import java.util.Locale;

/** Why a request failed: the status, and the word in the body's {@code error} field. Immutable. */
enum ApiError {
    /** The path, a name or a parameter is malformed. */
    BAD_REQUEST(400),
    /** A token is needed, or the one of the request does not pass. */
    UNAUTHENTICATED(401),
    /** The user lacks the right, or the settings or the page's origin forbid this. */
    FORBIDDEN(403),
    /** No route has this path, or no document has this name. */
    NOT_FOUND(404),
    /** The path has routes, but none with this method. */
    METHOD_NOT_ALLOWED(405),
    /** A client has the document open. */
    OPEN(409),
    /** There is a document of the name that a restored one is to have. */
    TAKEN(409),
    /** The document has as many versions as it may have. */
    FULL(409),
    /** Another server drains, or has drained and is not back. */
    DRAINS(409),
    /** The body, or a part of it, has more bytes than the limit allows. */
    TOO_LARGE(413),
    /** The body has another media type than the route reads. */
    UNSUPPORTED_MEDIA_TYPE(415),
    /** The user sends too many requests, or too many tokens of this address have failed. */
    RATE_LIMITED(429),
    /** A fault of the server. */
    INTERNAL(500),
    /** A limit is reached that other peers share, the store failed, or the server has no keys for tokens yet, or does not know the rights of the user. */
    UNAVAILABLE(503);

    private final int status;

    ApiError(int status) {
        this.status = status;
    }

    static ApiError of(UnauthenticatedException refusal) {
        if (refusal.isTooMany()) {
            return RATE_LIMITED;
        }
        return refusal.isTemporary() ? UNAVAILABLE : UNAUTHENTICATED;
    }

    int status() {
        return status;
    }

    /** Returns the word on the wire. */
    String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
