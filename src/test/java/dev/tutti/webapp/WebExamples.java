package dev.tutti.webapp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.ForkDirectory;
import dev.tutti.websocket.NodeTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** The examples of src/example/web, installed with the npm package of tutti.js, and built by Vite. */
final class WebExamples implements AutoCloseable {
    private static final Path SOURCE = Path.of("src", "example", "web");
    private static final Path TESTS = Path.of("src", "test", "javascript", "client");
    private static final Path CLIENT = Path.of("target", "tutti-client");

    private final Process server;
    private final String address;

    private WebExamples(Process server, String address) {
        this.server = server;
        this.address = address;
    }

    /** Copies the examples and their tests to {@code target}, and installs their packages there. Returns the directory of the tests. */
    static Path install() throws IOException, InterruptedException {
        Path home = ForkDirectory.named("web");
        Path tests = home.resolve("tests");
        copy(SOURCE, home);
        copy(TESTS, tests);
        NodeTests.npm(home, "ci");
        NodeTests.npm(home, "pack", CLIENT.toAbsolutePath().toString());
        unpack(home);
        return tests;
    }

    /** Unpacks the result of {@code npm pack} into the place where npm would install it. */
    private static void unpack(Path home) throws IOException, InterruptedException {
        Path installed = Files.createDirectories(home.resolve("node_modules/tutti-client"));
        try (Stream<Path> files = Files.list(home)) {
            Path packed = files.filter(file -> file.toString().endsWith(".tgz"))
                    .findFirst()
                    .orElseThrow();
            Process tar = new ProcessBuilder(
                            "tar", "-xzf", packed.toString(), "-C", installed.toString(), "--strip-components=1")
                    .inheritIO()
                    .start();
            assertThat(tar.waitFor()).isZero();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            List<Path> copied = files.filter(file -> !file.startsWith(from.resolve("node_modules")))
                    .filter(Files::isRegularFile)
                    .toList();
            for (Path file : copied) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** Builds the pages, and serves them on a free port. */
    static WebExamples serve(Path tests) throws IOException {
        Process server = new ProcessBuilder("node", "serve.mjs")
                .directory(tests.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String address = server.inputReader().readLine();
        assertThat(address).as("the address of the examples").isNotNull();
        return new WebExamples(server, address);
    }

    /** Returns the origin of the pages. */
    String origin() {
        return address;
    }

    /** Opens an example with the server of the test, in place of the one at port 8000 that its code names. */
    Window open(Site site, String example) {
        return site.showElsewhere(
                address + "/" + example + "/", page -> page.addInitScript("testServer = '" + site.address("") + "'"));
    }

    @Override
    public void close() {
        server.destroy();
    }
}
