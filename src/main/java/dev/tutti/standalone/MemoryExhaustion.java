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
 * Ends the process at the first {@link OutOfMemoryError} of any thread: after one, no state can be trusted to be complete. It says so in one
 * line, stops the server, which stores the documents, and halts. Other uncaught failures are printed. Safe for any thread.
 *
 * <p>Both threads and the memory that the stop needs are taken at the start, because later there may be none.
 */
final class MemoryExhaustion implements Thread.UncaughtExceptionHandler {
    /** The exit status, which is also the one of {@code -XX:+ExitOnOutOfMemoryError}. */
    static final int EXIT_STATUS = 3;

    /** Upper bound for closing clients and storing documents. */
    private static final int STOP_SECONDS = 10;

    /** Freed for the stop. */
    private static final int RESERVE_BYTES = 4 << 20;

    private static final byte[] LINE =
            "tutti: the memory is exhausted; the process stores its documents and ends. Give it more with -Xmx\n"
                    .getBytes(UTF_8);

    /** Needs no memory, other than {@link System#err}. */
    private static final FileOutputStream STANDARD_ERROR = new FileOutputStream(FileDescriptor.err);

    private final CountDownLatch exhausted = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    @SuppressWarnings("UnusedVariable") // held, not read
    private volatile byte @Nullable [] reserve = new byte[RESERVE_BYTES];

    private MemoryExhaustion() {}

    /** Handles the uncaught failures of all threads from now on. */
    static void endProcess(Runnable stop) {
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

    private interface Step {
        void run() throws InterruptedException, IOException;
    }

    private void start(String name, Step afterwards) {
        Thread thread = new Thread(
                () -> {
                    try {
                        exhausted.await();
                        afterwards.run();
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
        if (failure instanceof OutOfMemoryError || !isPrinted(thread, failure)) {
            reserve = null;
            exhausted.countDown();
        }
    }

    /** Returns false if there is no memory to print: what failed was then most likely a consequence, such as a class that cannot be loaded. */
    private static boolean isPrinted(Thread thread, Throwable failure) {
        try {
            System.err.println("tutti: thread " + thread.getName() + " failed");
            failure.printStackTrace();
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }
}
