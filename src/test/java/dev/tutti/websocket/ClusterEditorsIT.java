package dev.tutti.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.WarProcess;
import dev.tutti.cluster.RedisServer;
import dev.tutti.document.DocumentStore;
import dev.tutti.store.DocumentStoreContract;
import dev.tutti.store.postgres.PostgresServer;
import dev.tutti.store.postgres.PostgresStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stock editors on two server processes with one Redis and one database. */
@Timeout(120)
class ClusterEditorsIT {
    private static final String CONFIRMED = "confirmed ";
    private static final Pattern WORDS = Pattern.compile("(?<=;)");

    @TempDir
    Path directory;

    @Test
    void editorsOfAllServersWriteTogether() throws Exception {
        NodeTests.requireNode();
        try (RedisServer redis = RedisServer.start(directory);
                PostgresServer postgres = new PostgresServer(directory);
                WarProcess first = server(redis, postgres);
                WarProcess second = server(redis, postgres)) {
            Process editors = editors(first.awaitPort(), second.awaitPort());
            try (BufferedReader results = editors.inputReader();
                    Writer commands = editors.outputWriter()) {
                assertThat(results.readLine()).isEqualTo("together");
                String line = results.readLine();
                first.kill();
                assertThat(line).startsWith(CONFIRMED);
                commands.write("killed\n");
                commands.flush();
                assertThat(results.readLine()).isEqualTo("kept");
                second.kill();
                List<String> confirmed =
                        WORDS.splitAsStream(line.substring(CONFIRMED.length())).toList();
                assertThat(confirmed).hasSize(50);
                String stored = stored(postgres);
                assertThat(confirmed).allMatch(stored::contains);
            } finally {
                editors.destroyForcibly();
            }
        }
    }

    private WarProcess server(RedisServer redis, PostgresServer postgres) throws IOException {
        return WarProcess.startClasses(
                directory,
                "--host=127.0.0.1",
                "--port=0",
                "--access=open",
                "--cluster=" + redis.address(),
                "--database=" + postgres.url());
    }

    private static Process editors(int... ports) throws IOException, InterruptedException {
        Path programs = NodeTests.installed(Path.of("src", "test", "javascript", "providers"));
        List<String> command = new ArrayList<>(List.of("node", "cluster.js"));
        for (int port : ports) {
            command.add(Integer.toString(port));
        }
        return new ProcessBuilder(command)
                .directory(programs.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Returns the rows of the document, in which each word of an editor is a text. */
    private static String stored(PostgresServer postgres) {
        try (DocumentStore store = PostgresStore.shared(postgres.url(), "", "")) {
            return DocumentStoreContract.updates(store, "shared").stream()
                    .map(row -> new String(row, ISO_8859_1))
                    .collect(Collectors.joining(" "));
        }
    }
}
