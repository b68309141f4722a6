package dev.tutti.store.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.store.DocumentStoreContract;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process is killed while it writes: the store then has every update that the process reported as stored. */
class FileStoreKilledIT {
    private static final int KILLS = Integer.getInteger("tutti.kills", 20);
    private static final int WRITERS = 6;
    private static final int MAX_LINES = 1_000;

    @TempDir
    Path directory;

    @Test
    void acknowledgedUpdatesSurviveAKill() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<String, Integer> acknowledged = new HashMap<>();
        long missing = 0;
        long started = System.nanoTime();
        for (int kill = 0; kill < KILLS; kill++) {
            acknowledged.putAll(writeAndKill(kill * WRITERS, 1 + random.nextInt(MAX_LINES)));
            missing += countMissing(acknowledged, kill * WRITERS);
        }
        missing += countMissing(acknowledged, 0);
        System.out.printf(
                "killed while writing: %d kills, %d acknowledged, %d missing (seed %d, %d s)%n",
                KILLS,
                acknowledged.values().stream().mapToLong(last -> last + 1).sum(),
                missing,
                seed,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started));
        assertThat(missing).isZero();
    }

    /** Returns the last acknowledged number of each document. */
    private Map<String, Integer> writeAndKill(int first, int lines) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        directory.toString(),
                        Integer.toString(first),
                        Integer.toString(WRITERS))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Map<String, Integer> last = new HashMap<>();
        int count = 0;
        try (BufferedReader said = process.inputReader(UTF_8)) {
            String line;
            while ((line = said.readLine()) != null) {
                String[] words = line.split(" ", -1);
                if (words.length == 2) { // the last line may be cut off
                    last.put(words[0], Integer.valueOf(words[1]));
                }
                if (++count == lines) {
                    process.toHandle().destroyForcibly(); // SIGKILL; its output before is still read
                }
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(count).as("the writer ended before the kill").isGreaterThanOrEqualTo(lines);
        return last;
    }

    private long countMissing(Map<String, Integer> acknowledged, int from) {
        long missing = 0;
        try (FileStore store = new FileStore(directory)) {
            for (Map.Entry<String, Integer> document : acknowledged.entrySet()) {
                if (Integer.parseInt(document.getKey().substring("doc-".length())) >= from) {
                    List<Integer> kept = KilledWriter.numbers(DocumentStoreContract.updates(store, document.getKey()));
                    for (int i = 0; i <= document.getValue(); i++) {
                        missing += kept.contains(i) ? 0 : 1;
                    }
                }
            }
            assertThat(store.damage()).isEmpty();
        }
        return missing;
    }
}
