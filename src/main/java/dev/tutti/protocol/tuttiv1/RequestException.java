package dev.tutti.protocol.tuttiv1;

/** A request that cannot be carried out. The message is the reason, for people. */
final class RequestException extends Exception {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;

    RequestException(ErrorCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    ErrorCode code() {
        return code;
    }
}
