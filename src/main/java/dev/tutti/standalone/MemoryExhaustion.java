package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends the process at the first uncaught {@link OutOfMemoryError}, because any state may be incomplete after it. It prints one line, stops the
 * server, which stores the documents, and halts. It prints other uncaught failures. Safe for any thread.
 *
 * <p>It creates its threads and reserves the memory for the stop in advance: later there may be none.
 */
final class MemoryExhaustion implements Thread.UncaughtExceptionHandler {
    /** The same exit status as with {@code -XX:+ExitOnOutOfMemoryError}. */
    static final int EXIT_STATUS = 3;

    /** Limit for closing clients and storing documents. */
    private static final int STOP_SECONDS = 10;

    /** Memory that is freed for the stop. */
    private static final int RESERVE_BYTES = 4 << 20;

    private static final byte[] LINE =
            "tutti: the memory is exhausted; storing documents and exiting. Increase the heap with -Xmx\n"
                    .getBytes(UTF_8);

    /** Writes without an allocation, unlike {@link System#err}. */
    private static final FileOutputStream STANDARD_ERROR = new FileOutputStream(FileDescriptor.err);

    private final CountDownLatch exhausted = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    @SuppressWarnings("UnusedVariable") // keeps the memory allocated
    private volatile byte @Nullable [] reserve = new byte[RESERVE_BYTES];

    private MemoryExhaustion() {}

    /** Installs the handler for all threads; {@code stop} stops the server. */
    static void install(Runnable stop) {
        MemoryExhaustion handler = new MemoryExhaustion();
        handler.start("tutti-exhausted-stop", () -> {
            try {
                stop.run();
            } finally {
                handler.stopped.countDown();
            }
        });
        handler.start("tutti-exhausted-halt", () -> {
            try {
                STANDARD_ERROR.write(LINE);
                boolean unused = handler.stopped.await(STOP_SECONDS, TimeUnit.SECONDS);
            } finally {
                Runtime.getRuntime().halt(EXIT_STATUS);
            }
        });
        Thread.setDefaultUncaughtExceptionHandler(handler);
    }

    private interface Action {
        void run() throws InterruptedException, IOException;
    }

    private void start(String name, Action action) {
        Thread thread = new Thread(
                () -> {
                    try {
                        exhausted.await();
                        action.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
        if (failure instanceof OutOfMemoryError || !tryPrint(thread, failure)) {
            reserve = null;
            exhausted.countDown();
        }
    }

    /** Returns false if printing runs out of memory: the failure is then likely a consequence, such as a class that cannot be loaded. */
    private static boolean tryPrint(Thread thread, Throwable failure) {
        try {
            System.err.println("tutti: thread " + thread.getName() + " failed");
            failure.printStackTrace();
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }
}
