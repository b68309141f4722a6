package dev.tutti.log;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormattersTest {
    private static final String NAME = FormattersTest.class.getName();

    /** A reference, so that the logger keeps its handler. */
    private final Logger logger = Logger.getLogger(NAME);

    private final System.Logger log = System.getLogger(NAME);
    private final List<String> lines = new ArrayList<>();

    private final class Capture extends Handler {
        private Capture(Formatter formatter) {
            setFormatter(formatter);
        }

        @Override
        public void publish(LogRecord record) {
            lines.add(getFormatter().format(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private void capture(Formatter formatter) {
        logger.setUseParentHandlers(false);
        logger.addHandler(new Capture(formatter));
    }

    @AfterEach
    void removeHandlers() {
        for (Handler handler : logger.getHandlers()) {
            logger.removeHandler(handler);
        }
        logger.setUseParentHandlers(true);
    }

    private JsonObject json() {
        assertThat(lines).hasSize(1);
        String line = lines.get(0);
        assertThat(line).endsWith("}\n").matches("[^\n]*\n");
        try (var reader = Json.createReader(new StringReader(line))) {
            return reader.readObject();
        }
    }

    // ---- JSON

    @Test
    void jsonHasTheFieldsOfARecord() {
        capture(new JsonFormatter());
        Instant before = Instant.now();
        log.log(System.Logger.Level.WARNING, "went over {0}", "a \"limit\"");

        JsonObject json = json();
        assertThat(json.keySet()).containsExactly("time", "level", "logger", "thread", "message");
        assertThat(Instant.parse(json.getString("time"))).isBetween(before, Instant.now());
        assertThat(json.getString("level")).isEqualTo("WARNING");
        assertThat(json.getString("logger")).isEqualTo(NAME);
        assertThat(json.getString("thread")).isEqualTo(Thread.currentThread().getName());
        assertThat(json.getString("message")).isEqualTo("went over a \"limit\"");
    }

    @Test
    void jsonHasTheSubjectAsFieldsOnly() {
        capture(new JsonFormatter());
        LogSubject.client("3f", "Ann\n\u202e")
                .withRoom("chat")
                .withDocument("minutes")
                .log(log, System.Logger.Level.ERROR, "{0} failed", null);

        JsonObject json = json();
        assertThat(json.getString("message")).isEqualTo("{0} failed");
        assertThat(json.getString("connection")).isEqualTo("3f");
        assertThat(json.getString("user")).isEqualTo("Ann\n\u202e");
        assertThat(json.getString("room")).isEqualTo("chat");
        assertThat(json.getString("document")).isEqualTo("minutes");
        assertThat(lines.get(0)).contains("Ann\\n\\u202e");
    }

    @Test
    void jsonHasTheExceptionAsOneField() {
        capture(new JsonFormatter());
        LogSubject.NONE.log(
                log, System.Logger.Level.ERROR, "failed", new IllegalStateException("a\nb", new Error("cause")));

        JsonObject exception = json().getJsonObject("exception");
        assertThat(exception.getString("class")).isEqualTo("java.lang.IllegalStateException");
        assertThat(exception.getString("message")).isEqualTo("a\nb");
        assertThat(exception.getString("stack"))
                .startsWith("java.lang.IllegalStateException: a\\nb\n\tat " + NAME)
                .contains("\nCaused by: java.lang.Error: cause\n");
    }

    @Test
    void jsonOmitsAMissingMessage() {
        capture(new JsonFormatter());
        log.log(System.Logger.Level.ERROR, "failed", new IllegalStateException());

        assertThat(json().getJsonObject("exception").keySet()).containsExactly("class", "stack");
    }

    @Test
    void jsonStringsAreBounded() {
        capture(new JsonFormatter());
        log.log(System.Logger.Level.ERROR, "a".repeat(JsonFormatter.MAX_LENGTH + 1));

        assertThat(json().getString("message"))
                .hasSize(JsonFormatter.MAX_LENGTH + 1)
                .endsWith("a…");
    }

    @ParameterizedTest
    @CsvSource({"SEVERE, ERROR", "WARNING, WARNING", "INFO, INFO", "CONFIG, DEBUG", "FINE, DEBUG", "FINER, TRACE"})
    void jsonNamesLevelsAsSystemLogger(String level, String name) {
        assertThat(new JsonFormatter().format(new LogRecord(Level.parse(level), "")))
                .contains("\"level\":\"" + name + "\"");
    }

    // ---- Text

    @Test
    void textKeepsTheLayoutOfTheJdk() {
        capture(new TextFormatter());
        LogSubject.document("minutes").log(log, System.Logger.Level.WARNING, "failed", null);

        assertThat(lines.get(0).lines()).hasSize(2);
        assertThat(lines.get(0)).contains(" " + NAME).contains("failed [document=minutes]");
    }

    @Test
    void textEscapesMessagesAndFailures() {
        capture(new TextFormatter());
        log.log(System.Logger.Level.ERROR, "a\nforged {0}", "line\r");
        log.log(
                System.Logger.Level.ERROR,
                "failed",
                new IllegalStateException("b\n\tat forged", new Error("c\nforged")));

        assertThat(lines.get(0)).contains("a\\nforged {0}".replace("{0}", "line\\r"));
        assertThat(lines.get(1))
                .contains("b\\n\\tat forged\n\tat " + NAME)
                .contains("Caused by: java.lang.Error: c\\nforged\n");
        assertThat(lines.get(1).lines()).noneMatch(line -> line.startsWith("forged") || line.startsWith("\tat forged"));
    }

    @Test
    void recordStaysAsItWas() {
        LogRecord record = new LogRecord(Level.SEVERE, "a\nb");
        Throwable failure = new IllegalStateException("c");
        record.setThrown(failure);
        String unused = new TextFormatter().format(record);

        assertThat(record.getThrown()).isSameAs(failure);
        assertThat(record.getMessage()).isEqualTo("a\nb");
    }

    // ---- Failures

    @Test
    void cyclicCausesEnd() {
        Exception a = new Exception("a");
        Exception b = new Exception("b", a);
        a.initCause(b);
        b.addSuppressed(new Exception("c"));

        assertThat(StackTrace.of(a))
                .startsWith("java.lang.Exception: a\n\tat ")
                .contains("Caused by: java.lang.Exception: b\n", "Suppressed: java.lang.Exception: c\n", "\t... ");
    }
}
