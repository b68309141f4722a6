package dev.tutti.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * The clock of a process, which a test can let jump: libfaketime reads its shift from a file. Durations stay right, as {@link System#nanoTime} does when an
 * operator sets the clock of a machine. Confined to a test.
 */
final class ServerClock {
    /** Of Debian's package libfaketime. */
    private static final Path LIBRARY = Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1");

    private final Path file;

    /** Makes a clock that is right. */
    ServerClock(Path file) throws IOException {
        this.file = file;
        shift(0);
    }

    /** Returns whether this machine has the library. */
    static boolean isSettable() {
        return Files.isReadable(LIBRARY);
    }

    /** Returns the variables of a process with this clock. */
    Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD", LIBRARY.toString(),
                "FAKETIME_TIMESTAMP_FILE", file.toString(),
                "FAKETIME_CACHE_DURATION", "1",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                "FAKETIME_FORCE_MONOTONIC_FIX", "0"); // else threads of a JVM spin in place of a wait
    }

    /** Lets the clock jump, within a second: to so many seconds after the right time, or before it. */
    void shift(int seconds) throws IOException {
        Path written = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), "%+ds".formatted(seconds));
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
