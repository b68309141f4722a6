package dev.tutti.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.DocumentMove;
import dev.tutti.document.DocumentStore;
import dev.tutti.document.Documents;
import dev.tutti.document.LoadRefusedException;
import dev.tutti.document.MemoryStore;
import dev.tutti.document.Replacement;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import dev.tutti.document.Version;
import dev.tutti.document.Versions;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.settings.Settings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tests that every store of documents passes. */
public abstract class DocumentStoreContract {
    private static final int WAIT_SECONDS = 60;

    /** Milliseconds since 1970, for stores whose clock a test can set. */
    public final AtomicLong clock = new AtomicLong(1_000_000);

    public DocumentStore store;

    /** Opens the store; it is empty the first time in a test. */
    public abstract DocumentStore open() throws Exception;

    /** Closes the store and opens it again; a store in memory stays open. */
    public DocumentStore reopen(DocumentStore open) throws Exception {
        return open;
    }

    /** Returns whether the store takes the time from {@link #clock}. */
    public boolean hasClock() {
        return true;
    }

    @BeforeEach
    public void openIt() throws Exception {
        store = open();
    }

    @AfterEach
    void closeIt() {
        store.close();
    }

    public static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(WAIT_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    public static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    public List<String> load(String name) {
        return texts(await(store.load(name)));
    }

    public static List<String> texts(List<StoredUpdate> rows) {
        return rows.stream()
                .map(row -> new String(row.update(), UTF_8))
                .sorted()
                .toList();
    }

    public static List<byte[]> updates(DocumentStore store, String name) {
        return await(store.load(name)).stream().map(StoredUpdate::update).toList();
    }

    public static Set<Long> ids(List<StoredUpdate> rows) {
        return rows.stream().map(StoredUpdate::id).collect(Collectors.toSet());
    }

    /** Replaces all rows of a document by a state. */
    public static CompletionStage<Replacement> replaceAll(DocumentStore store, String name, byte[] state) {
        return store.load(name).thenCompose(rows -> store.replace(name, state, ids(rows)));
    }

    private List<String> names(String prefix, String after, int max) {
        return await(store.list(prefix, after, max)).stream()
                .map(StoredDocument::name)
                .toList();
    }

    private void next() throws Exception {
        store = reopen(store);
    }

    @Test
    void unknownDocumentHasNoUpdates() {
        assertThat(load("none")).isEmpty();
        assertThat(await(store.delete("none"))).isFalse();
        assertThat(names("", "", 10)).isEmpty();
    }

    @Test
    void loadReservesMemoryForAllRows() throws Exception {
        await(replaceAll(store, "a", new byte[600_000]));
        await(store.append("a", new byte[1_000]));
        next();
        List<Long> asked = new ArrayList<>();
        assertThat(await(store.load("a", bytes -> asked.add(bytes)))).hasSize(2);
        assertThat(await(store.load("none", bytes -> asked.add(bytes)))).isEmpty();
        assertThat(asked).containsExactly(601_000L, 0L);
        assertThatThrownBy(() -> await(store.load("a", bytes -> false))).hasCauseInstanceOf(LoadRefusedException.class);
    }

    @Test
    void appendedUpdatesAreLoaded() throws Exception {
        await(store.append("a", bytes("1")));
        await(store.append("b", bytes("x")));
        await(store.append("a", bytes("2")));
        next();
        assertThat(load("a")).containsExactly("1", "2");
        await(store.append("a", bytes("3")));
        assertThat(load("a")).containsExactly("1", "2", "3");
        assertThat(load("b")).containsExactly("x");
    }

    @Test
    void repeatedAppendIsHarmless() throws Exception {
        await(store.append("a", bytes("1")));
        await(store.append("a", bytes("1")));
        next();
        assertThat(load("a")).contains("1").containsOnly("1");
    }

    @Test
    void stateReplacesAllRows() throws Exception {
        await(store.append("a", bytes("1")));
        await(store.append("a", bytes("2")));
        await(replaceAll(store, "a", bytes("12")));
        next();
        assertThat(load("a")).containsExactly("12");
        await(store.append("a", bytes("3")));
        next();
        assertThat(load("a")).containsExactly("12", "3");
        await(replaceAll(store, "a", bytes("123")));
        await(replaceAll(store, "a", bytes("123'")));
        next();
        assertThat(load("a")).containsExactly("123'");
    }

    @Test
    void idsAreThoseOfLoadedRows() throws Exception {
        long first = await(store.append("a", bytes("1")));
        long second = await(store.append("a", bytes("2")));
        assertThat(ids(await(store.load("a")))).containsExactlyInAnyOrder(first, second);
        long state = await(store.replace("a", bytes("12"), Set.of(first, second)))
                .id()
                .orElseThrow();
        next();
        assertThat(ids(await(store.load("a")))).containsExactly(state);
    }

    @Test
    void stateReplacesOnlyCoveredRows() throws Exception {
        long first = await(store.append("a", bytes("1")));
        await(store.append("a", bytes("unknown")));
        long third = await(store.append("a", bytes("3")));
        await(store.append("b", bytes("other document")));
        Replacement replaced = await(store.replace("a", bytes("13"), Set.of(first, third)));
        assertThat(texts(replaced.others())).containsExactly("unknown");
        next();
        assertThat(load("a")).containsExactly("13", "unknown");
        Set<Long> all = ids(await(store.load("a")));
        assertThat(all).contains(replaced.id().orElseThrow()).containsAll(ids(replaced.others()));

        replaced = await(store.replace("a", bytes("all"), all));
        assertThat(replaced.others()).isEmpty();
        next();
        assertThat(load("a")).containsExactly("all");
        assertThat(load("b")).containsExactly("other document");
    }

    @Test
    void staleIdsDoNotStandForOtherRows() throws Exception {
        long stale = await(store.append("a", bytes("1")));
        long state = await(store.replace("a", bytes("1'"), Set.of(stale))).id().orElseThrow();
        await(store.append("a", bytes("unknown")));
        long newest = await(store.append("a", bytes("2")));
        Replacement replaced = await(store.replace("a", bytes("12"), Set.of(stale, state, newest)));
        assertThat(texts(replaced.others())).containsExactly("unknown");
        next();
        assertThat(load("a")).containsExactly("12", "unknown");
    }

    @Test
    void stateMayCoverMissingRows() throws Exception {
        long first = await(store.append("a", bytes("1")));
        await(store.append("a", bytes("2")));
        Replacement other = await(store.replace("a", bytes("1'"), Set.of(first)));
        long second = other.others().get(0).id();
        Replacement replaced = await(store.replace("a", bytes("12"), Set.of(first, second)));
        assertThat(texts(replaced.others())).containsExactly("1'");
        next();
        assertThat(load("a")).containsExactly("1'", "12");
    }

    @Test
    void lateStateDoesNotUndoADeletion() throws Exception {
        Set<Long> covered = Set.of(await(store.append("a", bytes("1"))));
        await(store.delete("a"));
        Replacement late = await(store.replace("a", bytes("late"), covered));
        assertThat(late.id()).isEmpty();
        assertThat(late.others()).isEmpty();
        next();
        assertThat(load("a")).isEmpty();
        assertThat(names("", "", 10)).isEmpty();

        await(store.append("a", bytes("new")));
        late = await(store.replace("a", bytes("late"), covered));
        assertThat(late.id()).isEmpty();
        assertThat(texts(late.others())).containsExactly("new");
        next();
        assertThat(load("a")).containsExactly("new");
    }

    @Test
    void stateThatCoversNothingRemovesNothing() throws Exception {
        await(store.append("a", bytes("1")));
        Replacement replaced = await(store.replace("a", bytes("2"), Set.of()));
        assertThat(texts(replaced.others())).containsExactly("1");
        next();
        assertThat(load("a")).containsExactly("1", "2");
    }

    @Test
    void documentMayBeginWithAState() throws Exception {
        await(replaceAll(store, "a", bytes("1")));
        next();
        assertThat(load("a")).containsExactly("1");
    }

    @Test
    void deletedDocumentIsGoneAndMayRestart() throws Exception {
        await(replaceAll(store, "a", bytes("1")));
        await(store.append("a", bytes("2")));
        await(store.append("b", bytes("3")));
        assertThat(await(store.delete("a"))).isTrue();
        assertThat(await(store.delete("b"))).isTrue();
        next();
        assertThat(load("a")).isEmpty();
        assertThat(load("b")).isEmpty();
        assertThat(names("", "", 10)).isEmpty();
        assertThat(await(store.delete("a"))).isFalse();
        await(store.append("a", bytes("4")));
        next();
        assertThat(load("a")).containsExactly("4");
    }

    private DocumentMove.Result move(String from, String to, String note) {
        return await(store.move(new DocumentMove(from, to, ".note", bytes(note))));
    }

    @Test
    void movedDocumentHasItsRowsUnderTheOtherName() throws Exception {
        await(replaceAll(store, "a", bytes("state")));
        await(store.append("a", bytes("1")));
        next();
        await(store.append("a", bytes("2")));
        assertThat(move("a", ".moved/a", "first")).isEqualTo(DocumentMove.Result.MOVED);
        next();
        assertThat(load("a")).isEmpty();
        assertThat(load(".moved/a")).containsExactly("1", "2", "state");
        assertThat(load(".note")).containsExactly("first");
        assertThat(names("", "", 10)).containsExactly(".moved/a", ".note");
        await(store.append("a", bytes("new")));
        assertThat(move(".moved/a", "b", "")).isEqualTo(DocumentMove.Result.MOVED);
        next();
        assertThat(load("a")).containsExactly("new");
        assertThat(load("b")).containsExactly("1", "2", "state");
        assertThat(load(".note")).isEmpty();
    }

    /** Client 1 of Yjs writes "hi" into the text "t". */
    private static final byte[] HI = HexFormat.of().parseHex("010101000401017402686900");

    @Test
    void versionIsMadeListedReadAndRemoved() {
        Limits limits = Settings.read(Limits.class, name -> null);
        Executor executor = ForkJoinPool.commonPool();
        Hub hub = new Hub(limits, "h", executor, 1, TimeSource.SYSTEM);
        Documents documents = new Documents(
                limits,
                hub.budget(),
                store,
                executor,
                TimeSource.SYSTEM,
                (task, nanos) -> CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS)
                        .execute(task));
        await(documents.apply("a", HI, "ada", ""));
        Versions versions = documents.versions();
        Version made = await(versions.make("a", "first", "")).version();
        assertThat(made).isNotNull();
        assertThat(made.writers().users()).containsExactly("ada");
        assertThat(await(versions.make("a", "second", "")).version()).isNotNull();
        assertThat(await(versions.list("a"))).extracting(Version::title).containsExactly("second", "first");
        assertThat(await(versions.content("a", made.id()))).hasValue(HI);
        assertThat(await(versions.delete("a", made.id()))).isTrue();
        assertThat(await(versions.content("a", made.id()))).isEmpty();
        assertThat(await(versions.list("a"))).extracting(Version::title).containsExactly("second");
    }

    @Test
    void moveReplacesTheNote() throws Exception {
        await(store.append("a", bytes("1")));
        move("a", "b", "first");
        move("b", "a", "second");
        next();
        assertThat(load(".note")).containsExactly("second");
    }

    @Test
    void moveToATakenNameChangesNothing() throws Exception {
        await(store.append("a", bytes("1")));
        await(store.append("b", bytes("2")));
        assertThat(move("a", "b", "note")).isEqualTo(DocumentMove.Result.TAKEN);
        assertThat(move("none", "c", "note")).isEqualTo(DocumentMove.Result.UNKNOWN);
        next();
        assertThat(load("a")).containsExactly("1");
        assertThat(load("b")).containsExactly("2");
        assertThat(load(".note")).isEmpty();
    }

    @Test
    void largeRowsAndTheTimeOfTheLastChangeMove() throws Exception {
        byte[] large = new byte[3_000_000];
        large[2_999_999] = 1;
        await(store.append("a", large));
        long changed = await(store.list("a", "", 1)).get(0).changedMillis();
        clock.addAndGet(1_000);
        move("a", "b", "note");
        next();
        assertThat(updates(store, "b")).containsExactly(large);
        assertThat(await(store.list("b", "", 1)).get(0).changedMillis()).isEqualTo(changed);
    }

    @Test
    void emptyUpdatesAndStatesAreKept() throws Exception {
        await(store.append("a", new byte[0]));
        await(replaceAll(store, "b", new byte[0]));
        next();
        assertThat(load("a")).containsExactly("");
        assertThat(load("b")).containsExactly("");
        assertThat(names("", "", 10)).containsExactly("a", "b");
    }

    @Test
    void documentsAreListedInOrderOfNames() throws Exception {
        List<String> names = new ArrayList<>(List.of(
                "A", "a", "B", "b", "_", "~", "-", ":", "@", "0", "a.b", "a-b", "aa", "ab", "Z", "z", "é", "ж", "日本",
                "힣", "𐐷", "𠀀"));
        IntStream.range(0, 300).mapToObj(i -> "room-" + i).forEach(names::add);
        Collections.shuffle(names, new Random(1));
        List<CompletionStage<?>> writes = new ArrayList<>();
        for (String name : names) {
            writes.add(
                    name.hashCode() % 2 == 0 ? store.append(name, bytes(name)) : replaceAll(store, name, bytes(name)));
        }
        writes.forEach(DocumentStoreContract::await);
        await(store.append("room-7", bytes("more")));
        next();
        List<String> sorted = names.stream().sorted().toList();
        assertThat(names("", "", 1_000)).isEqualTo(sorted);

        List<String> paged = new ArrayList<>();
        for (String after = ""; ; after = paged.get(paged.size() - 1)) {
            List<String> page = names("", after, 7);
            if (page.isEmpty()) {
                break;
            }
            paged.addAll(page);
        }
        assertThat(paged).isEqualTo(sorted);

        List<String> rooms =
                sorted.stream().filter(name -> name.startsWith("room-1")).toList();
        assertThat(names("room-1", "", 1_000)).isEqualTo(rooms);
        assertThat(names("room-1", "room-150", 3))
                .isEqualTo(rooms.stream()
                        .filter(name -> name.compareTo("room-150") > 0)
                        .limit(3)
                        .toList());
        assertThat(names("room-1", "z", 3)).isEmpty();
        assertThat(names("nothing", "", 3)).isEmpty();
        assertThat(names("_", "", 3)).containsExactly("_");
    }

    @Test
    void listHasSizesAndTimes() throws Exception {
        long before = hasClock() ? 0 : System.currentTimeMillis() - 1_000;
        clock.set(5_000);
        await(store.append("a", bytes("12345")));
        clock.set(6_000);
        await(store.append("a", bytes("678")));
        await(replaceAll(store, "b", bytes("xyz")));
        clock.set(7_000);
        await(store.append("b", bytes("!")));
        await(store.append("c", bytes("old")));
        await(replaceAll(store, "c", bytes("s")));
        next();
        List<StoredDocument> listed = await(store.list("", "", 10));
        assertThat(listed).extracting(StoredDocument::bytes).containsExactly(8L, 4L, 1L);
        if (hasClock()) {
            assertThat(listed).extracting(StoredDocument::changedMillis).containsExactly(6_000L, 7_000L, 7_000L);
        } else {
            assertThat(listed)
                    .allSatisfy(document ->
                            assertThat(document.changedMillis()).isBetween(before, System.currentTimeMillis() + 1_000));
        }
    }

    @Test
    void largeUpdatesAreKept() throws Exception {
        byte[] large = new byte[20 << 20];
        new Random(2).nextBytes(large);
        byte[] larger = new byte[(20 << 20) + 1];
        new Random(3).nextBytes(larger);
        await(store.append("a", large));
        await(replaceAll(store, "b", larger));
        next();
        assertThat(updates(store, "a").get(0)).isEqualTo(large);
        assertThat(updates(store, "b").get(0)).isEqualTo(larger);
        await(replaceAll(store, "a", bytes("small")));
        assertThat(load("a")).containsExactly("small");
    }

    @Test
    void concurrentWritersLoseNothing() throws Exception {
        int documents = 300;
        int rounds = 12;
        Map<String, List<String>> expected = new HashMap<>();
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int i = 0; i < documents; i++) {
            String name = "doc-" + i;
            List<String> kept = expected.computeIfAbsent(name, key -> new ArrayList<>());
            CompletableFuture<?> chain = CompletableFuture.completedFuture(null);
            for (int round = 0; round < rounds; round++) {
                String update = name + "/" + (char) ('a' + round);
                if (round == 7 && i % 3 == 0) {
                    kept.clear();
                    chain = chain.thenCompose(done -> replaceAll(store, name, bytes(update)));
                } else {
                    chain = chain.thenCompose(done -> store.append(name, bytes(update)));
                }
                kept.add(update);
            }
            all.add(chain);
        }
        all.forEach(DocumentStoreContract::await);
        next();
        Map<String, List<String>> loaded = new TreeMap<>();
        expected.keySet().forEach(name -> loaded.put(name, load(name)));
        assertThat(loaded).isEqualTo(new TreeMap<>(expected));
    }

    @Test
    void probeLeavesNothing() throws Exception {
        await(store.append("a", bytes("1")));
        for (int i = 0; i < 10; i++) {
            await(store.probe());
        }
        next();
        assertThat(await(store.list("", "", 10)))
                .extracting(StoredDocument::name)
                .containsExactly("a");
    }

    @Test
    void closeCompletesAllPendingWrites() throws Exception {
        List<CompletableFuture<?>> writes = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            writes.add(store.append("doc-" + i % 50, bytes("update-" + i)).toCompletableFuture());
        }
        store.close();
        assertThat(writes).allMatch(CompletableFuture::isDone);
        if (store instanceof MemoryStore) {
            return; // nothing survives the end of a store in memory
        }
        store = open();
        for (int i = 0; i < writes.size(); i++) {
            if (!writes.get(i).isCompletedExceptionally()) {
                assertThat(load("doc-" + i % 50)).contains("update-" + i);
            }
        }
    }

    @Test
    void closedStoreRefuses() {
        if (store instanceof MemoryStore) {
            return; // a store in memory has nothing to close
        }
        store.close();
        store.close();
        assertThatThrownBy(() -> await(store.append("a", bytes("1"))))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(StoreException.class);
        assertThatThrownBy(() -> await(store.load("a")))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(StoreException.class);
    }
}
