package dev.tutti;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.CloseCode;
import dev.tutti.settings.Setting;
import dev.tutti.settings.Settings;
import dev.tutti.standalone.Configuration;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents say, as far as the code can tell. */
class DocumentationTest {
    private static final Path README = Path.of("README.md");
    private static final Path DOCS = Path.of("docs");

    private static final Pattern LINK = Pattern.compile("]\\(([^)#]*)(#[^)]*)?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    @Test
    void everySettingIsListedWithItsDefault() throws IOException {
        List<String> rows = new ArrayList<>();
        for (Class<? extends Record> type : Configuration.SETTINGS) {
            List<String> names = Settings.names(type);
            RecordComponent[] components = type.getRecordComponents();
            for (int i = 0; i < components.length; i++) {
                String value = components[i].getAnnotation(Setting.class).value();
                rows.add("| `" + names.get(i) + "` | " + (value.isEmpty() ? "" : "`" + value + "` ") + "| ");
            }
        }
        String operations = Files.readString(DOCS.resolve("operations.md"));
        assertThat(rows).allSatisfy(row -> assertThat(operations).contains(row));
    }

    @Test
    void everyCloseCodeIsExplained() throws IOException {
        String protocol = Files.readString(DOCS.resolve("protocol.md"));
        assertThat(CloseCode.values()).allSatisfy(code -> assertThat(protocol).contains(" " + code.code() + " "));
    }

    @Test
    void theTestCommandIsTheOneThatContinuousIntegrationRuns() throws IOException {
        assertThat(Files.readString(README)).contains("## Test\n\n```sh\nmvn verify\n```");
        assertThat(Files.readAllLines(Path.of(".ci/run"))).last().isEqualTo("exec mvn verify");
    }

    @Test
    void everyLinkWithinTheProjectLeadsSomewhere() throws IOException {
        try (Stream<Path> pages = Files.list(DOCS)) {
            for (Path page : Stream.concat(Stream.of(README), pages).toList()) {
                Matcher link = LINK.matcher(Files.readString(page));
                while (link.find()) {
                    if (!link.group(1).startsWith("http")) {
                        check(page, link);
                    }
                }
            }
        }
    }

    private static void check(Path page, Matcher link) throws IOException {
        Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
        assertThat(target).as(page + ": " + link.group()).exists();
        if (link.group(2) != null) {
            assertThat(HEADING.matcher(Files.readString(target)).results())
                    .as(page + ": " + link.group())
                    .anyMatch(heading -> link.group(2).equals(anchor(heading.group(1))));
        }
    }

    /** Returns a heading's anchor as Git hosts make it. */
    private static String anchor(String heading) {
        return "#"
                + heading.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} -]", "")
                        .replace(' ', '-');
    }
}
