package dev.tutti.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Failures of our own that must not end the thread or the loop that they happen in. Stateless. */
public final class Faults {
    private Faults() {}

    /**
     * Logs a failure, and hands a {@link VirtualMachineError}, such as lack of memory, to the process's handler of uncaught exceptions, which
     * standalone uses to end the process. Never throws.
     */
    public static void report(Logger log, String message, Throwable failure) {
        try {
            log.log(Level.ERROR, message, failure);
        } catch (RuntimeException | Error e) {
            // no memory for the line: the handler still gets its chance
        }
        if (failure instanceof VirtualMachineError) {
            Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
            if (handler != null) {
                handler.uncaughtException(Thread.currentThread(), failure);
            }
        }
    }
}
