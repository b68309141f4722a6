package dev.tutti.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.store.DocumentStoreContract;
import dev.tutti.store.queue.StoreClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Truncated files, flipped bits and destroyed sectors: the store serves nothing wrong, and reports all that is missing. */
class DamagedFileIT {
    private static final int DOCUMENTS = 200;
    private static final int FLIPS = 500;

    /** A document with a state and an update in pieces. */
    private static final String LARGE = "doc-1";

    /** Bytes between two truncations in the last 4 kB of the file; 1 takes minutes. */
    private static final int CUT_STEP = Integer.getInteger("tutti.cut-step", 41);

    /** Bits between two changed ones of a small file; 1 takes minutes. */
    private static final int BIT_STEP = Integer.getInteger("tutti.bit-step", 29);

    private static final int SECTOR_BYTES = 512;

    private static final Logger LOG = Logger.getLogger(FileStore.class.getName());

    @TempDir
    Path directory;

    private final Random random = new Random(7);
    private final Map<String, List<String>> expected = new TreeMap<>();
    private byte[] sound;
    private byte[] highWaterMark;

    @BeforeAll
    static void quiet() {
        LOG.setLevel(Level.OFF); // it would log thousands of losses
    }

    @AfterAll
    static void loud() {
        LOG.setLevel(null);
    }

    /** Writes documents with states and updates, deletes some, and takes the files as a killed process would leave them. */
    @BeforeEach
    void write() throws Exception {
        try (FileStore store = new FileStore(directory.resolve("large"))) {
            for (int round = 0; round < 6; round++) {
                List<CompletionStage<?>> writes = new ArrayList<>();
                for (int i = 0; i < DOCUMENTS; i++) {
                    String name = "doc-" + i;
                    if (round == 5 && i % 10 == 9) {
                        writes.add(store.delete(name));
                        expected.remove(name);
                    } else if (round % 3 == 1 && i % 4 != 0) {
                        expected.put(name, new ArrayList<>(List.of(text(name, round, 3_000))));
                        writes.add(DocumentStoreContract.replaceAll(
                                store, name, bytes(expected.get(name).get(0))));
                    } else {
                        String update = text(name, round, 300);
                        expected.computeIfAbsent(name, key -> new ArrayList<>()).add(update);
                        writes.add(store.append(name, bytes(update)));
                    }
                }
                writes.forEach(DocumentStoreContract::await);
            }
            DocumentStoreContract.await(store.append("doc-0", bytes("last")));
            expected.get("doc-0").add("last");
            takeFiles(directory.resolve("large"));
        }
        expected.values().forEach(updates -> updates.sort(null));
    }

    private void takeFiles(Path from) throws IOException {
        sound = Files.readAllBytes(from.resolve("documents.mv"));
        highWaterMark = Files.readAllBytes(from.resolve("documents.waterline"));
    }

    /** Replaces the files by small ones, in which names and facts are a large part: updates, a state, a state with updates, a deletion. */
    private void writeFew() throws IOException {
        expected.clear();
        expected.put("doc-1", List.of("doc-1/1", "doc-1/2"));
        expected.put("doc-2", List.of("doc-2/s"));
        expected.put("doc-3", List.of("doc-3/s", "doc-3/u"));
        try (FileStore store = new FileStore(directory.resolve("small"))) {
            DocumentStoreContract.await(store.append("doc-3", bytes("doc-3/obsolete")));
            DocumentStoreContract.await(store.append("doc-4", bytes("doc-4/deleted")));
            DocumentStoreContract.await(DocumentStoreContract.replaceAll(store, "doc-2", bytes("doc-2/s")));
            DocumentStoreContract.await(DocumentStoreContract.replaceAll(store, "doc-3", bytes("doc-3/s")));
            DocumentStoreContract.await(store.delete("doc-4"));
            DocumentStoreContract.await(store.append("doc-3", bytes("doc-3/u")));
            DocumentStoreContract.await(store.append("doc-1", bytes("doc-1/1")));
            DocumentStoreContract.await(store.append("doc-1", bytes("doc-1/2")));
            takeFiles(directory.resolve("small"));
        }
    }

    private String text(String name, int round, int max) {
        String all = name + "/" + round + "/";
        boolean isLarge = name.equals(LARGE) && round > 3;
        return all
                + "x".repeat(isLarge ? Pieces.PIECE_BYTES + random.nextInt(Pieces.PIECE_BYTES) : random.nextInt(max));
    }

    private static byte[] bytes(String text) {
        return DocumentStoreContract.bytes(text);
    }

    /** Numbers of documents after opening a damaged file: complete, reported as lost, and reported without their names. */
    private record Outcome(int complete, int reported, int unnamed) {}

    /** Opens a damaged file; checks that every served update is right and every missing one reported. */
    private Outcome open(byte[] damaged, String description) throws IOException {
        Path place = Files.createTempDirectory(directory, "d");
        Files.write(place.resolve("documents.mv"), damaged);
        Files.write(place.resolve("documents.waterline"), highWaterMark);
        int complete = 0;
        int reported = 0;
        int unnamed = 0;
        try (FileStore store = new FileStore(place, "", new StoreClock(() -> 0, System::nanoTime))) {
            Map<String, List<String>> found = new TreeMap<>();
            DocumentStoreContract.await(store.list("", "", 10_000))
                    .forEach(document -> found.put(
                            document.name(),
                            DocumentStoreContract.texts(DocumentStoreContract.await(store.load(document.name())))));
            String damage = String.join("\n", store.damage()) + "\n";
            boolean someAreUnknown = damage.contains("the affected documents are unknown");
            Set<String> names = new HashSet<>(found.keySet());
            names.addAll(expected.keySet());
            for (String name : names) {
                List<String> right = expected.getOrDefault(name, List.of());
                List<String> served = found.getOrDefault(name, List.of());
                if (served.equals(right)) {
                    complete++;
                    continue;
                }
                reported++;
                boolean isNamed = damage.contains("document " + name + " ");
                unnamed += isNamed ? 0 : 1;
                assertThat(isNamed || someAreUnknown)
                        .as("%s: %s is reported among %s", description, name, damage)
                        .isTrue();
                assertThat(served)
                        .as("%s: of %s", description, name)
                        .allMatch(update -> update.equals("last") || update.startsWith(name + "/"));
            }
        }
        try (Stream<Path> files = Files.list(place)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(place);
        return new Outcome(complete, reported, unnamed);
    }

    @Test
    void undamagedFileIsComplete() throws Exception {
        assertThat(open(sound, "undamaged")).isEqualTo(new Outcome(expected.size(), 0, 0));
    }

    @Test
    void flippedBitsAreDetected() throws Exception {
        long seed = System.nanoTime();
        Random bits = new Random(seed);
        int reported = 0;
        int flipsThatLost = 0;
        for (int flip = 0; flip < FLIPS; flip++) {
            byte[] damaged = sound.clone();
            int at = bits.nextInt(damaged.length);
            damaged[at] ^= (byte) (1 << bits.nextInt(8));
            Outcome outcome = open(damaged, "bit in byte " + at + " of seed " + seed);
            reported += outcome.reported;
            flipsThatLost += outcome.reported > 0 ? 1 : 0;
            assertThat(outcome.reported).isLessThanOrEqualTo(1);
            assertThat(outcome.unnamed).isZero();
        }
        System.out.printf(
                "%d bits changed in %d bytes, %d documents: %d lost something, of %d documents in all, each reported (seed %d)%n",
                FLIPS, sound.length, expected.size(), flipsThatLost, reported, seed);
    }

    @Test
    void flippedBitsOfNamesAndFactsAreDetected() throws Exception {
        writeFew();
        int first = new Random().nextInt(BIT_STEP);
        int flips = 0;
        int reported = 0;
        for (long bit = first; bit < sound.length * 8L; bit += BIT_STEP) {
            int at = (int) (bit / 8);
            if (sound[at] != 0) {
                byte[] damaged = sound.clone();
                damaged[at] ^= (byte) (1 << bit % 8);
                Outcome outcome = open(damaged, "bit " + bit);
                flips++;
                reported += outcome.reported;
                assertThat(outcome.reported).as("bit %s", bit).isLessThanOrEqualTo(1);
                assertThat(outcome.unnamed).as("bit %s", bit).isZero();
            }
        }
        System.out.printf(
                "%d bits changed in a small file: %d documents lost something, each reported%n", flips, reported);
    }

    @ParameterizedTest
    @ValueSource(bytes = {0, -1})
    void destroyedSectorsAreDetected(byte junk) throws Exception {
        writeFew();
        int reported = 0;
        for (int start = 0; start < sound.length; start += SECTOR_BYTES) {
            byte[] damaged = sound.clone();
            Arrays.fill(damaged, start, start + SECTOR_BYTES, junk);
            reported += open(damaged, "sector at " + start).reported;
        }
        assertThat(reported).isPositive();
    }

    @Test
    void truncatedFileServesNothingWrong() throws Exception {
        int lost = 0;
        int reported = 0;
        int unnamed = 0;
        int cuts = 0;
        for (int length = sound.length - 1; length >= 0; length -= length > sound.length - 4_096 ? CUT_STEP : 9_973) {
            Outcome outcome = open(Arrays.copyOf(sound, length), "cut at " + length);
            lost += outcome.reported > 0 ? 1 : 0;
            reported += outcome.reported;
            unnamed += outcome.unnamed;
            cuts++;
        }
        System.out.printf(
                "%d cuts of %d bytes: after %d something was lost, of %d documents in all, each reported, %d not by name%n",
                cuts, sound.length, lost, reported, unnamed);
    }
}
