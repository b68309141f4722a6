package dev.tutti.log;

import java.io.PrintWriter;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/**
 * The JDK's text, with the logger as the source, and with control characters escaped: nobody forges a line by a name with a line break. Safe for any
 * thread.
 */
public final class TextFormatter extends SimpleFormatter {
    @Override
    public String format(LogRecord record) {
        LogRecord line = copy(record);
        Throwable failure = record.getThrown();
        if (failure != null) {
            line.setThrown(new Escaped(failure));
        }
        return super.format(line);
    }

    @Override
    public String formatMessage(LogRecord record) {
        return Escapes.oneLine(super.formatMessage(record));
    }

    /** A record belongs to all handlers, so this formatter must not change it. */
    private static LogRecord copy(LogRecord record) {
        LogRecord copy = new LogRecord(record.getLevel(), record.getMessage());
        copy.setInstant(record.getInstant());
        copy.setLoggerName(record.getLoggerName());
        copy.setParameters(record.getParameters());
        copy.setResourceBundle(record.getResourceBundle());
        copy.setSourceClassName(record.getLoggerName()); // the calling method may be one that only logs
        copy.setSourceMethodName(null);
        return copy;
    }

    /** Prints the escaped text of another failure. */
    private static final class Escaped extends Throwable {
        private static final long serialVersionUID = 1;

        private final String text;

        Escaped(Throwable failure) {
            super(null, null, false, false);
            this.text = StackTrace.of(failure);
        }

        @Override
        public void printStackTrace(PrintWriter to) {
            to.print(text);
        }
    }
}
