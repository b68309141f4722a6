package dev.tutti;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.CloseCode;
import dev.tutti.settings.Setting;
import dev.tutti.settings.Settings;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks the documents against the code. */
class DocumentationTest {
    private static final Path README = Path.of("README.md");
    private static final Path DOCS = Path.of("docs");

    private static final Pattern LINK = Pattern.compile("]\\(([^)#]*)(#[^)]*)?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    /** Its language, its file and its text. */
    private static final Pattern NAMED_BLOCK = Pattern.compile("(?ms)^```\\w+ (\\S+)\n(.*?)^```$");

    private static final Pattern SETTING_ROW = Pattern.compile("(?m)^\\| `([a-z-]+)` \\|");

    /** A type in backticks, a member of it, or both. */
    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*[a-z]\\w*)?(?:\\.([a-z]\\w*))?`");

    private static final String DECLARES = "\\b(class|record|interface|enum) ";

    /** Types of the JDK, and messages of other projects. */
    private static final Set<String> FOREIGN = Set.of("", "OutOfMemoryError", "SyncStatus");

    @Test
    void everySettingIsListedWithItsDefault() throws IOException {
        List<String> rows = new ArrayList<>();
        for (Class<? extends Record> type : AllSettings.TYPES) {
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
    void everyListedSettingExists() throws IOException {
        String operations = Files.readString(DOCS.resolve("operations.md"));
        String table = operations.substring(operations.indexOf("| setting |"), operations.indexOf("## History"));
        List<String> listed =
                SETTING_ROW.matcher(table).results().map(row -> row.group(1)).toList();
        List<String> settings = AllSettings.TYPES.stream()
                .flatMap(type -> Settings.names(type).stream())
                .toList();
        assertThat(listed).containsExactlyInAnyOrderElementsOf(settings);
    }

    @Test
    void everySecretSettingIsMarked() throws IOException {
        List<String> secrets = new ArrayList<>(Settings.namesWithFiles(AllSettings.TYPES));
        secrets.removeAll(AllSettings.TYPES.stream()
                .flatMap(type -> Settings.names(type).stream())
                .toList());
        String operations = Files.readString(DOCS.resolve("operations.md"));
        assertThat(secrets)
                .isNotEmpty()
                .allSatisfy(name -> assertThat(operations).contains("`" + name + "`"));
    }

    /** A page names a class as {@code `Type`} or {@code `Type.member`}; {@code `.member`} belongs to the class before it. */
    @Test
    void namedClassesAndMembersExist() throws IOException {
        Map<String, String> sources = sources();
        String all = String.join("", sources.values());
        List<String> missing = new ArrayList<>();
        for (String page :
                List.of("architecture.md", "concurrency.md", "guarantees.md", "SECURITY.md", "CONTRIBUTING.md")) {
            String type = "";
            Matcher name = NAME.matcher(Files.readString(DOCS.resolve(page)));
            while (name.find()) {
                type = name.group(1) == null ? type : name.group(1);
                String source = sources.getOrDefault(type, all);
                boolean isDeclared = FOREIGN.contains(type) || contains(source, DECLARES + type);
                if (!isDeclared || (name.group(2) != null && !contains(source, "\\b" + name.group(2)))) {
                    missing.add(page + ": " + name.group() + " of " + type);
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    private static boolean contains(String source, String word) {
        return Pattern.compile(word + "\\b").matcher(source).find();
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (Path root : List.of(Path.of("src/main/java"), Path.of("src/test/java"), Path.of("src/bench/java"))) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file :
                        files.filter(file -> file.toString().endsWith(".java")).toList()) {
                    sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
        return sources;
    }

    @Test
    void everyCloseCodeIsExplained() throws IOException {
        String protocol = Files.readString(DOCS.resolve("protocol.md"));
        assertThat(CloseCode.values()).allSatisfy(code -> assertThat(protocol).contains(" " + code.code() + " "));
    }

    @Test
    void readmeTestCommandMatchesCi() throws IOException {
        assertThat(Files.readString(README)).contains("## Test\n\n```sh\nmvn verify\n```");
        assertThat(Files.readAllLines(Path.of(".ci/run"))).last().isEqualTo("exec mvn verify");
    }

    @Test
    void everyInternalLinkResolves() throws IOException {
        try (Stream<Path> pages = Files.walk(DOCS)) {
            for (Path page : Stream.concat(Stream.of(README), pages.filter(Files::isRegularFile))
                    .toList()) {
                Matcher link = LINK.matcher(Files.readString(page));
                while (link.find()) {
                    if (!link.group(1).startsWith("http")) {
                        check(page, link);
                    }
                }
            }
        }
    }

    /** A block of code that names a file is a part of it; the suite runs these files. */
    @Test
    void codeOfGuideEqualsExamples() throws IOException {
        List<String> named = new ArrayList<>();
        try (Stream<Path> pages = Files.list(DOCS.resolve("guide"))) {
            for (Path page : pages.toList()) {
                Matcher block = NAMED_BLOCK.matcher(Files.readString(page));
                while (block.find()) {
                    assertThat(Files.readString(Path.of(block.group(1))))
                            .as(page + ": " + block.group(1))
                            .contains(block.group(2));
                    named.add(block.group(1));
                }
            }
        }
        assertThat(named).isNotEmpty();
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

    /** Returns the anchor of a heading as Git hosts generate it. */
    private static String anchor(String heading) {
        return "#"
                + heading.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} -]", "")
                        .replace(' ', '-');
    }
}
