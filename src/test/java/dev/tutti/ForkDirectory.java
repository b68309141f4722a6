package dev.tutti;

import java.nio.file.Path;

/** Names of directories for this test JVM under {@code target}: the build runs several JVMs at the same time. Stateless. */
public final class ForkDirectory {
    private ForkDirectory() {}

    /** Returns {@code target/<name>-<number of the JVM>}; it need not exist. */
    public static Path named(String name) {
        return Path.of("target", name + System.getProperty("tutti.fork.suffix", "-1"));
    }
}
