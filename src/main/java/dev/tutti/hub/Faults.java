package dev.tutti.hub;

import dev.tutti.log.LogSubject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Reports unexpected failures that must not end the thread or the loop in which they happen. Stateless. */
public final class Faults {
    /** Bound of the search, because causes may form a cycle. */
    private static final int MAX_CAUSES = 20;

    private Faults() {}

    /**
     * Logs a failure. If it is a {@link VirtualMachineError}, such as lack of memory, or was caused by one, passes that error to the default
     * handler of uncaught exceptions, with which the standalone server ends the process. Never throws.
     */
    public static void report(Logger log, String message, Throwable failure) {
        report(log, LogSubject.NONE, message, failure);
    }

    /** As above, about a client, a room or a document. */
    public static void report(Logger log, LogSubject subject, String message, Throwable failure) {
        try {
            subject.log(log, Level.ERROR, message, failure);
        } catch (RuntimeException | Error e) {
            // no memory for the log line: the handler must be called all the same
        }
        VirtualMachineError error = virtualMachineError(failure);
        Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
        if (error != null && handler != null) {
            handler.uncaughtException(Thread.currentThread(), error);
        }
    }

    /** Runs one of several independent steps: its failure is reported and does not keep the others from running. */
    public static void guard(Logger log, String message, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            report(log, message, e);
        }
    }

    /** As above, about a client, a room or a document. */
    public static void guard(Logger log, LogSubject subject, String message, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            report(log, subject, message, e);
        }
    }

    /** Returns the first virtual machine error among a failure and its causes; null if there is none. */
    private static @Nullable VirtualMachineError virtualMachineError(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof VirtualMachineError error) {
                return error;
            }
            cause = cause.getCause();
        }
        return null;
    }
}
