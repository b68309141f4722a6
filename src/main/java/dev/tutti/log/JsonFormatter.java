package dev.tutti.log;

import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object on one line for each record: time, level, logger, thread, message; connection, user, room and document if the record has a {@link
 * LogSubject}; exception if it has one. Safe for any thread; handlers must call it on the thread that logs, as those of the JDK do.
 */
public final class JsonFormatter extends Formatter {
    /** UTF-16 units of the longest string in a line. */
    static final int MAX_LENGTH = 1 << 15;

    @Override
    public String format(LogRecord record) {
        LogSubject.Line line = LogSubject.current();
        StringBuilder json = new StringBuilder(256).append('{');
        append(json, "time", record.getInstant().toString());
        append(json, "level", level(record.getLevel()));
        append(json, "logger", record.getLoggerName());
        append(json, "thread", Thread.currentThread().getName());
        append(json, "message", line == null ? formatMessage(record) : line.message());
        if (line != null) {
            append(json, "connection", line.subject().connection());
            append(json, "user", line.subject().user());
            append(json, "room", line.subject().room());
            append(json, "document", line.subject().document());
        }
        Throwable failure = record.getThrown();
        if (failure != null) {
            json.append(",\"exception\":{");
            append(json, "class", failure.getClass().getName());
            append(json, "message", failure.getMessage());
            append(json, "stack", StackTrace.of(failure));
            json.append('}');
        }
        return json.append("}\n").toString();
    }

    private static void append(StringBuilder json, String field, @Nullable String value) {
        if (value != null) {
            json.append(json.charAt(json.length() - 1) == '{' ? "\"" : ",\"")
                    .append(field)
                    .append("\":");
            Escapes.appendJson(json, value.length() <= MAX_LENGTH ? value : value.substring(0, MAX_LENGTH) + "…");
        }
    }

    /** Returns the name that {@link System.Logger.Level} gives to a level. */
    private static String level(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return "ERROR";
        }
        if (value >= Level.WARNING.intValue()) {
            return "WARNING";
        }
        if (value >= Level.INFO.intValue()) {
            return "INFO";
        }
        return value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
    }
}
