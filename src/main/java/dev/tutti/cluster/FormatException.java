package dev.tutti.cluster;

/** Thrown for bytes that this version does not understand: another version has written them, or something else than Tutti. */
final class FormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    FormatException(String message) {
        super(message, null, false, false);
    }
}
