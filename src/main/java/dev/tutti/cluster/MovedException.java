package dev.tutti.cluster;

/** A call was not carried out: another node of Redis Cluster has its keys. */
final class MovedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MovedException(String message) {
        super(message);
    }

    /** Returns whether a stage has failed so. */
    static boolean is(Throwable failure) {
        return failure instanceof MovedException || failure.getCause() instanceof MovedException;
    }
}
