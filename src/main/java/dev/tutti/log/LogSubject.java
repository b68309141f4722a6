package dev.tutti.log;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The connection, user, room and document that a line of the log is about. {@link #log} appends them to the text, {@link JsonFormatter} writes
 * them as fields. Immutable.
 *
 * @param connection id of the client
 */
public record LogSubject(
        @Nullable String connection,
        @Nullable String user,
        @Nullable String room,
        @Nullable String document) {
    /** Nothing that has a name. */
    public static final LogSubject NONE = new LogSubject(null, null, null, null);

    /** The line that this thread logs; null outside of {@link #log}. Formatters run on the thread that logs. */
    private static final ThreadLocal<Line> CURRENT = new ThreadLocal<>();

    /** A message without its subject, and the subject. */
    record Line(String message, LogSubject subject) {}

    /** Returns a client as a subject. */
    public static LogSubject client(String connection, String user) {
        return new LogSubject(connection, user, null, null);
    }

    /** Returns a document as a subject. */
    public static LogSubject document(String document) {
        return NONE.withDocument(document);
    }

    /** Returns this subject in a room; null for none. */
    public LogSubject withRoom(@Nullable String other) {
        return new LogSubject(connection, user, other, document);
    }

    /** Returns this subject in a document. */
    public LogSubject withDocument(String other) {
        return new LogSubject(connection, user, room, other);
    }

    /**
     * Logs a line about this subject; costs nothing but a check if its level is off.
     *
     * @param message is no format: braces stay
     */
    public void log(Logger log, Level level, String message, @Nullable Throwable failure) {
        if (!log.isLoggable(level)) {
            return;
        }
        CURRENT.set(new Line(message, this));
        try {
            if (failure == null) {
                log.log(level, message + this);
            } else {
                log.log(level, message + this, failure);
            }
        } finally {
            CURRENT.remove();
        }
    }

    /** Returns the line that this thread logs; null if it has no subject. */
    static @Nullable Line current() {
        return CURRENT.get();
    }

    /** Returns the suffix of a text, such as {@code " [connection=3f user=Ann]"}; empty for {@link #NONE}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        append(text, "connection", connection);
        append(text, "user", user);
        append(text, "room", room);
        append(text, "document", document);
        return text.length() == 0 ? "" : text.replace(0, 1, " [").append(']').toString();
    }

    private static void append(StringBuilder text, String field, @Nullable String value) {
        if (value != null) {
            text.append(' ').append(field).append('=').append(Escapes.oneLine(value));
        }
    }
}
