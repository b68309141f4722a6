package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.Locator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text that the page calls saved is on the server's disk, whatever happens to the server and the page afterwards. */
class DocumentDurabilityIT extends DocumentBrowserTest {
    private static final int KILLS = Integer.getInteger("tutti.kills", 3);

    /** A small disk: beside the store's reserve it has room for documents and for a filler. */
    private static final String MOUNT = "mount -t tmpfs -o size=8m tmpfs \"$0\"";

    private static final List<String> OWN_MOUNTS =
            List.of("unshare", "--user", "--map-root-user", "--mount", "sh", "-c");

    private static final Pattern OFFLINE = Pattern.compile("Offline\\s+Kept on this device");

    /** Records the text of the page whenever its label changes to "Saved". */
    private static final String WATCH = """
            () => {
              const label = document.getElementById('saved-label');
              const text = document.getElementById('text').shadowRoot;
              const written = () => [...text.querySelectorAll('.cm-line')].map(line => line.textContent).join('\\n');
              window.saved = [];
              new MutationObserver(() => label.textContent === 'Saved' && saved.push(written()))
                .observe(label, { childList: true, characterData: true, subtree: true });
            }
            """;

    @TempDir
    static Path cache;

    @TempDir
    Path directory;

    private WarServer server;

    @Override
    SiteServer server() {
        server = new WarServer(cache, directory);
        return server; // each test starts it
    }

    @Test
    void savedTextSurvivesServerKill() throws Exception {
        server.start();
        Window window = open();
        for (int kill = 1; kill <= KILLS; kill++) {
            watch(window);
            append(window, "kill" + kill);
            awaitSaved(window);
            append(window, "andperhapsmore");
            server.stop();
            String written = written(window);
            String saved = last(saved(window));
            assertThat(saved).contains("kill" + kill);
            leave(window);

            server.start();
            window = open();
            assertThat(written(window)).startsWith(saved);
            assertThat(written).startsWith(written(window));
            assertThat(server.process().err()).isEmpty();
        }
    }

    @Test
    void offlineTextIsSavedAfterReconnect() throws Exception {
        server.start();
        Window window = open();
        append(window, "before");
        awaitSaved(window);
        watch(window);

        server.stop();
        assertThat(window.state()).hasText(OFFLINE);
        append(window, "meanwhile");
        assertThat(window.state()).hasText(OFFLINE);
        assertThat(window.page().getByTestId("notice-text")).containsText("kept on this device");
        assertThat(saved(window)).isEmpty();

        server.start();
        awaitSaved(window);
        assertThat(server.stored(NAME)).contains("\"complete\":true");
        server.stop();
        assertThat(saved(window)).containsOnly("beforemeanwhile");
        leave(window);

        server.start();
        assertThat(written(open())).isEqualTo("beforemeanwhile");
    }

    @Test
    void serverKeepsTextWithoutLocalCopy() throws Exception {
        server.start();
        Window window = site.openDocumentWithoutStorage(NAME);
        append(window, "one");
        awaitSaved(window);
        window.page().reload();
        window.awaitConnected();
        assertThat(written(window)).isEqualTo("one");
        append(window, "two");
        awaitSaved(window);

        server.process().terminate();
        assertThat(window.state()).hasText(Pattern.compile("Offline\\s+Only in this window"));
        server.process().awaitExit();
        leave(window);

        server.start();
        assertThat(written(site.openDocumentWithoutStorage(NAME))).isEqualTo("onetwo");
        assertThat(server.process().err()).isEmpty();
    }

    @Test
    void unresponsiveServerMeansUnsaved() throws Exception {
        server.start();
        Window window = open();
        append(window, "before");
        awaitSaved(window);
        watch(window);

        server.process().suspend();
        append(window, "important");
        assertThat(label(window)).hasText("Saving …");
        assertThat(label(window)).hasText("Not saved yet");
        assertThat(window.page().getByTestId("notice-text")).hasText("Keep this page open, or download a copy.");
        append(window, "too");
        assertThat(label(window)).hasText("Not saved yet");
        assertThat(saved(window)).isEmpty();

        server.process().resume();
        awaitSaved(window);
        assertThat(window.page().getByTestId("notice")).isHidden();
        assertThat(saved(window)).last().isEqualTo("beforeimportanttoo");
        assertThat(server.stored(NAME)).contains("\"complete\":true");
    }

    @Test
    void fullDiskDelaysSavingOnly() throws Exception {
        assumeThat(canMount())
                .as("mounting a file system is not permitted here")
                .isTrue();
        server.startIn(Stream.concat(OWN_MOUNTS.stream(), Stream.of(MOUNT + " && exec \"$@\"", directory.toString()))
                .toList());
        Path inside = server.process().inMountNamespace(directory);
        Window first = open();
        Window second = open();
        append(first, "before");
        awaitSaved(first);
        watch(first);

        Path filler = inside.resolve("filler");
        fill(filler);
        append(first, "without");
        assertThat(text(second)).hasText("beforewithout");
        append(second, "space");
        assertThat(text(first)).hasText("beforewithoutspace");
        for (Window window : site.windows()) {
            assertThat(label(window)).hasText("Not saved yet");
            assertThat(window.page().getByTestId("notice-text"))
                    .hasText("The server says: no space is left on the device of the documents."
                            + " Keep this page open, or download a copy.");
        }
        assertThat(saved(first)).isEmpty();
        assertThat(server.stored(NAME)).contains("\"complete\":false");

        Files.delete(filler);
        site.windows().forEach(DocumentDurabilityIT::awaitSaved);
        assertThat(server.stored(NAME)).contains("\"complete\":true", "\"failure\":null");
        server.process().suspend(); // the mount exists as long as the process
        copyFiles(inside, directory);
        server.stop();
        leave(first);
        leave(second);

        server.start();
        assertThat(written(open())).isEqualTo("beforewithoutspace");
    }

    /** Returns whether the test may mount a file system; containers may forbid it, also in CI. */
    private boolean canMount() throws InterruptedException {
        ProcessBuilder mount =
                new ProcessBuilder(Stream.concat(OWN_MOUNTS.stream(), Stream.of(MOUNT, directory.toString()))
                        .toList());
        try {
            return mount.start().waitFor() == 0;
        } catch (IOException e) {
            return false; // the program does not exist
        }
    }

    private static void fill(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] some = new byte[1 << 16];
            while (true) {
                out.write(some);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private static void copyFiles(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName().toString()));
            }
        }
    }

    // ---- Actions and observations

    /** Closes a window with its local storage; without a server nobody learns of it. */
    private void leave(Window window) {
        window.ignoreConnectionErrors();
        site.close(window);
    }

    private static void append(Window window, String letters) {
        text(window).focus();
        window.press("Control+End");
        window.type(letters);
    }

    private static Locator label(Window window) {
        return window.page().getByTestId("saved");
    }

    private static void awaitSaved(Window window) {
        assertThat(label(window)).hasText("Saved");
    }

    private static void watch(Window window) {
        window.page().evaluate(WATCH);
    }

    /** Returns the texts recorded since {@link #watch}. */
    private static List<String> saved(Window window) {
        return ((List<?>) window.page().evaluate("saved"))
                .stream().map(String.class::cast).toList();
    }

    private static String last(List<String> texts) {
        return texts.get(texts.size() - 1);
    }
}
