package dev.tutti.store.file;

import java.io.IOException;
import java.util.function.Predicate;

/** Classifies the causes of failed writes. Stateless. */
final class FailureCause {
    static final String NO_SPACE = "no space is left on the device of the documents";
    static final String FAILED = "the documents cannot be written";
    private static final String NO_MEMORY = "the server has not enough memory to write the documents";

    private FailureCause() {}

    /** Returns a text for people, without a path. */
    static String reason(Throwable failure) {
        return isOutOfSpace(failure) ? NO_SPACE : isOutOfMemory(failure) ? NO_MEMORY : FAILED;
    }

    /** Returns whether the disk may have lost bytes that it confirmed; not if it has no space, or the heap is full. */
    static boolean isDiskInDoubt(Throwable failure) {
        return isFromSync(failure) || !(isOutOfSpace(failure) || isOutOfMemory(failure));
    }

    private static boolean isOutOfMemory(Throwable failure) {
        return hasCause(failure, VirtualMachineError.class::isInstance);
    }

    private static boolean isOutOfSpace(Throwable failure) {
        return hasCause(
                failure,
                cause -> cause instanceof IOException
                        && (message(cause).contains("No space left")
                                || message(cause).contains("not enough space")
                                || message(cause).contains("quota exceeded")));
    }

    /** MVStore has a text for a failed fsync and no code. */
    private static boolean isFromSync(Throwable failure) {
        return hasCause(failure, cause -> message(cause).startsWith("Could not sync"));
    }

    private static boolean hasCause(Throwable failure, Predicate<Throwable> condition) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (condition.test(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String message(Throwable cause) {
        return String.valueOf(cause.getMessage());
    }
}
