package dev.tutti.settings;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The version of Tutti. Stateless. */
public final class Version {
    private static final String VERSION = read();

    private Version() {}

    /** Returns the version of this build. */
    public static String get() {
        return VERSION;
    }

    private static String read() {
        try (InputStream version = Version.class.getResourceAsStream("/dev/tutti/version.txt")) {
            return new String(Objects.requireNonNull(version).readAllBytes(), UTF_8).strip();
        } catch (IOException e) {
            return "of unknown version";
        }
    }
}
