package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;

/** The scripts that Redis runs, each atomically; their files state arguments and results. Immutable. */
enum Script {
    /** Appends publications of several rooms of one part. */
    APPEND,
    /** Changes members of several rooms of one part. */
    MEMBER,
    /** Returns the publications of a room after a position, and its members. */
    READ,
    /** Returns the positions of several rooms of one part, and removes the members of dead servers. */
    CHECK,
    /** Deletes the publications that a room retains. */
    CLEAR,
    /** Remembers revocations, and sends a message to the servers. */
    REVOKE,
    /** Returns the revocations that matter. */
    REVOKED,
    /** Keeps a command for servers that are away. */
    KEEP,
    /** Returns the commands that a server may have missed. */
    KEPT;

    private final String source;

    /** Each script begins with the functions of {@code common.lua}: a script of Redis can load no other. */
    Script() {
        source = text("common.lua") + text(label() + ".lua");
    }

    private static String text(String file) {
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new LinkageError("the script " + file + " is missing");
            }
            return new String(in.readAllBytes(), US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns the text, in ASCII.
     *
     * @param publish the command that sends a message
     */
    byte[] source(String publish) {
        return ("local PUBLISH = '" + publish + "'\n" + source).getBytes(US_ASCII);
    }

    /** Returns the name in metrics. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
