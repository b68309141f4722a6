package dev.tutti.settings;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * A value that a setting takes from a text file, read again when the file changes. A file that is missing or broken leaves the value as it was.
 * Safe for any thread.
 */
public final class WatchedFile<T> {
    private static final Logger LOG = System.getLogger(WatchedFile.class.getName());

    private final String setting;
    private final Path path;
    private final Function<String, T> parser;
    private final AtomicBoolean isChecking = new AtomicBoolean();
    private volatile T value;
    /** Of the file that was read last, well-formed or not. Written by one check at a time. */
    private volatile Object fingerprint;

    private WatchedFile(String setting, Path path, Function<String, T> parser) throws IOException {
        this.setting = setting;
        this.path = path;
        this.parser = parser;
        this.fingerprint = fingerprint(path); // before the file: a change while it is read is found by the next check
        this.value = parser.apply(Files.readString(path));
    }

    /**
     * Reads a file.
     *
     * @param setting its name, for messages
     * @param parser returns the value of a text, or throws an {@code IllegalArgumentException} whose message names the fault
     * @throws IllegalArgumentException if the file cannot be read, or the parser refuses its text
     */
    public static <T> WatchedFile<T> read(String setting, String file, Function<String, T> parser) {
        try {
            return new WatchedFile<>(setting, Path.of(file), parser);
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException(setting + ": the file " + file + " cannot be read", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + file + ": " + e.getMessage(), e);
        }
    }

    /** Returns the value of the last well-formed file. */
    public T value() {
        return value;
    }

    /**
     * Looks whether the file has changed, and reads it if it has. Does not block; does nothing while an earlier call is at work.
     *
     * @param background runs tasks that may block
     * @param changed is called there after each new value
     */
    public void check(Executor background, Runnable changed) {
        if (isChecking.compareAndSet(false, true)) {
            background.execute(() -> {
                try {
                    readIfChanged(changed);
                } finally {
                    isChecking.set(false);
                }
            });
        }
    }

    private void readIfChanged(Runnable changed) {
        Object now = fingerprint(path);
        if (now.equals(fingerprint)) {
            return;
        }
        fingerprint = now;
        try {
            value = parser.apply(Files.readString(path));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0}: the file {1} cannot be read: its earlier content stays in use", setting, path);
            return;
        } catch (RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    "{0}: the earlier content of {1} stays in use: {2}",
                    setting,
                    path,
                    String.valueOf(e.getMessage()));
            return;
        }
        LOG.log(Level.INFO, "{0}: the file {1} was read again", setting, path);
        changed.run();
    }

    /** Returns time, size and identity of a file, which change with it or its replacement; an empty string if it is missing. */
    private static Object fingerprint(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return List.of(attributes.lastModifiedTime(), attributes.size(), String.valueOf(attributes.fileKey()));
        } catch (IOException e) {
            return "";
        }
    }
}
