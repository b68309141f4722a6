package dev.tutti.protocol.tuttiv1;

/** A request that cannot be carried out. The message says why, for people. */
final class RequestException extends Exception {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;

    RequestException(ErrorCode code, String why) {
        super(why, null, false, false);
        this.code = code;
    }

    ErrorCode code() {
        return code;
    }
}
