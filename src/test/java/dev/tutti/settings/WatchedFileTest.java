package dev.tutti.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFileTest {
    @TempDir
    private Path directory;

    private Path path;
    private final AtomicInteger parsed = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();

    @BeforeEach
    void write() throws IOException {
        path = directory.resolve("file");
        Files.writeString(path, "1");
    }

    private WatchedFile<Integer> read() {
        return WatchedFile.read("numbers", path.toString(), text -> {
            parsed.incrementAndGet();
            return Integer.valueOf(text);
        });
    }

    private void check(WatchedFile<Integer> file) {
        file.check(Runnable::run, changes::incrementAndGet);
    }

    @Test
    void changedFileIsReadAgain() throws IOException {
        WatchedFile<Integer> file = read();
        assertThat(file.value()).isEqualTo(1);
        Files.writeString(path, "22");

        check(file);

        assertThat(file.value()).isEqualTo(22);
        assertThat(changes).hasValue(1);
    }

    @Test
    void replacedFileIsReadAgain() throws IOException {
        WatchedFile<Integer> file = read();
        Path other = Files.writeString(directory.resolve("other"), "2");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(path));
        Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);

        check(file);

        assertThat(file.value()).isEqualTo(2);
    }

    @Test
    void unchangedFileIsReadOnce() {
        WatchedFile<Integer> file = read();
        check(file);
        check(file);

        assertThat(parsed).hasValue(1);
        assertThat(changes).hasValue(0);
    }

    @Test
    void brokenFileKeepsTheValueAndIsTriedOnce() throws IOException {
        WatchedFile<Integer> file = read();
        Files.writeString(path, "none");
        check(file);
        check(file);
        assertThat(parsed).hasValue(2);
        assertThat(file.value()).isEqualTo(1);

        Files.writeString(path, "333");
        check(file);

        assertThat(file.value()).isEqualTo(333);
        assertThat(changes).hasValue(1);
    }

    @Test
    void missingFileKeepsTheValue() throws IOException {
        WatchedFile<Integer> file = read();
        Files.delete(path);
        check(file);
        assertThat(file.value()).isEqualTo(1);

        Files.writeString(path, "2");
        check(file);

        assertThat(file.value()).isEqualTo(2);
    }

    @Test
    void checksDoNotPileUp() {
        WatchedFile<Integer> file = read();
        Queue<Runnable> tasks = new ArrayDeque<>();
        file.check(tasks::add, () -> {});
        file.check(tasks::add, () -> {});
        assertThat(tasks).hasSize(1);
        tasks.remove().run();

        file.check(tasks::add, () -> {});

        assertThat(tasks).hasSize(1);
    }

    @Test
    void faultAtTheStartNamesTheSetting() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        WatchedFile.read("numbers", directory.resolve("none").toString(), Integer::valueOf))
                .withMessageContaining("numbers: the file");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WatchedFile.read("numbers", path.toString(), text -> {
                    throw new IllegalArgumentException("no number");
                }))
                .withMessageMatching("numbers: .*: no number");
    }
}
