package dev.tutti.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

class LogSubjectTest {
    private final List<String> logged = new ArrayList<>();
    private Level least = Level.INFO;

    private final System.Logger logger = new System.Logger() {
        @Override
        public String getName() {
            return "test";
        }

        @Override
        public boolean isLoggable(Level level) {
            return level.compareTo(least) >= 0;
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
            logged.add(message + (thrown == null ? "" : " " + thrown.getMessage()));
            assertThat(LogSubject.current()).isNotNull();
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
            logged.add(format);
        }
    };

    @Test
    void textEndsWithTheSubject() {
        LogSubject.client("3f", "Ann").withRoom("chat").log(logger, Level.INFO, "{0} failed", null);
        LogSubject.document("minutes").log(logger, Level.ERROR, "failed", new IllegalStateException("why"));
        LogSubject.NONE.log(logger, Level.ERROR, "failed", null);
        LogSubject.client("3f", "Ann").withRoom(null).withDocument("d").log(logger, Level.INFO, "failed", null);

        assertThat(logged)
                .containsExactly(
                        "{0} failed [connection=3f user=Ann room=chat]",
                        "failed [document=minutes] why", "failed", "failed [connection=3f user=Ann document=d]");
    }

    @Test
    void namesCannotForgeALine() {
        assertThat(LogSubject.client("3f", "Ann\nERROR: \u001b[2J"))
                .hasToString(" [connection=3f user=Ann\\nERROR: \\u001b[2J]");
    }

    @Test
    void levelThatIsOffLogsNothing() {
        LogSubject.document("minutes").log(logger, Level.DEBUG, "failed", null);

        assertThat(logged).isEmpty();
    }

    @Test
    void subjectEndsWithItsLine() {
        LogSubject.document("minutes").log(logger, Level.INFO, "failed", null);

        assertThat(LogSubject.current()).isNull();
    }
}
