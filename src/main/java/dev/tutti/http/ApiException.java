package dev.tutti.http;

/** A request that cannot be answered; the message is the reason, for people. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ApiError error;

    ApiException(ApiError error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    ApiError error() {
        return error;
    }
}
