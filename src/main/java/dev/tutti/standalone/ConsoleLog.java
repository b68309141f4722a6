package dev.tutti.standalone;

import dev.tutti.log.JsonFormatter;
import dev.tutti.log.LogFormat;
import dev.tutti.log.TextFormatter;
import java.io.UnsupportedEncodingException;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** The log on standard error. Stateless. */
final class ConsoleLog {
    /** Strong references: the log manager may collect an unreferenced logger and with it its level. */
    private static final Logger ROOT = Logger.getLogger("");

    private static final Logger SERVER = Logger.getLogger("org.glassfish");

    private ConsoleLog() {}

    /** Sets the form of the lines. A formatter that the operator has chosen by a configuration of {@code java.util.logging} stays for text. */
    static void configure(LogFormat format) {
        SERVER.setLevel(Level.WARNING);
        for (Handler handler : ROOT.getHandlers()) {
            if (handler instanceof ConsoleHandler) {
                configure(handler, format);
            }
        }
    }

    private static void configure(Handler handler, LogFormat format) {
        if (format == LogFormat.JSON) {
            try {
                handler.setEncoding("UTF-8"); // JSON is UTF-8, whatever the locale is
            } catch (UnsupportedEncodingException e) {
                throw new AssertionError("every Java platform has UTF-8", e);
            }
            handler.setFormatter(new JsonFormatter());
        } else if (handler.getFormatter() instanceof SimpleFormatter) {
            handler.setFormatter(new TextFormatter());
        }
    }
}
