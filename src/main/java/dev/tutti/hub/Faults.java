package dev.tutti.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Failures of our own that must not end the thread or the loop that they happen in. Stateless. */
public final class Faults {
    /** Causes may form a cycle. */
    private static final int MAX_CAUSES = 20;

    private Faults() {}

    /**
     * Logs a failure, and hands a {@link VirtualMachineError}, such as lack of memory, or one that caused the failure, to the process's handler of uncaught exceptions, which
     * standalone uses to end the process. Never throws.
     */
    public static void report(Logger log, String message, Throwable failure) {
        try {
            log.log(Level.ERROR, message, failure);
        } catch (RuntimeException | Error e) {
            // no memory for the line: the handler still gets its chance
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

    /** Returns the failure, or the cause of it, that is an error of the Java machine; null if there is none. */
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
