package dev.tutti.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.hocuspocus.HocuspocusConnection;
import dev.tutti.protocol.hocuspocus.HocuspocusConnections;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.settings.Settings;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LiveDocumentTest {
    /** Client 1 writes "hi" into the text "t". */
    private static final String UPDATE = "010101000401" + "0174" + "026869" + "00";

    private static final String TELL = "00020c" + UPDATE;
    private static final String ASK_ALL = "00000100";

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private boolean isFaulty;
    private final Time time = new Time();
    private final Store store = new Store();
    /** Tasks that wait for the clock. */
    private final Queue<Runnable> resting = new ArrayDeque<>();

    private Hub hub = new Hub(Settings.read(Limits.class, name -> null), "h", this::execute, 1, time);
    private Budget budget = hub.budget();
    private Documents documents = documents(Map.of());

    private Documents documents(Map<String, String> given) {
        return documents(given, store);
    }

    private Documents documents(Map<String, String> given, DocumentStore store) {
        Map<String, String> all = new HashMap<>(Map.of("max-queued-bytes", "100"));
        all.putAll(given);
        Limits limits = Settings.read(Limits.class, all::get);
        hub = new Hub(limits, "h", this::execute, 1, time);
        budget = hub.budget();
        return new Documents(limits, budget, store, this::execute, time, (task, nanos) -> resting.add(task));
    }

    private static final Access ALL = new Access(Identity.ANONYMOUS, Permissions.ALLOW_ALL);

    private HocuspocusConnections hocuspocus() {
        return new HocuspocusConnections(documents, Settings.read(Limits.class, name -> null), time);
    }

    private void execute(Runnable task) {
        if (isFaulty) {
            throw new AssertionError("provoked");
        }
        tasks.add(task);
    }

    private void runAll() {
        for (Runnable task; (task = tasks.poll()) != null; ) {
            task.run();
        }
    }

    /** A client with what it was sent. */
    private final class Peer implements Transport {
        private final List<String> heard = new ArrayList<>();
        private final Client client;
        private final YWebsocketConnection connection;
        private @Nullable CloseCode closedWith;
        private @Nullable Completion inFlight;
        private boolean isSlow;
        private boolean isFaulty;

        Peer(String document, boolean readOnly) {
            client = hub.connect(this, Documents.PROTOCOL, "", "");
            connection = YWebsocketConnection.open(documents, document, client, readOnly);
        }

        Peer(String document) {
            this(document, false);
        }

        void send(String hex) {
            connection.receive(HexFormat.of().parseHex(hex));
        }

        List<String> heard() {
            List<String> all = new ArrayList<>(heard);
            heard.clear();
            return all;
        }

        @Override
        public int send(Batch batch, int from, Completion done) {
            if (isFaulty) {
                throw new AssertionError("provoked");
            }
            for (int i = from; i < batch.size(); i++) {
                heard.add(HexFormat.of().formatHex(batch.frame(i).payload()));
            }
            if (isSlow) {
                inFlight = done;
            } else {
                done.done(null);
            }
            return batch.size();
        }

        void read() {
            isSlow = false;
            if (inFlight != null) {
                inFlight.done(null);
            }
        }

        @Override
        public void ping(Runnable handedOver) {}

        @Override
        public void close(CloseCode code, String reason) {
            closedWith = code;
        }
    }

    /** Answers loads when it is told to, and writes too if it is slow. */
    private static final class Store implements DocumentStore {
        private final List<CompletableFuture<List<StoredUpdate>>> loads = new ArrayList<>();
        /** Of the last load. */
        private LongPredicate reserve = bytes -> false;

        private final List<String> kept = new ArrayList<>();
        private final Queue<CompletableFuture<Replacement>> writes = new ArrayDeque<>();
        /** What the last state covered. */
        private Set<Long> covered = Set.of();
        /** What another server has stored. */
        private final List<StoredUpdate> others = new ArrayList<>();
        /** The next state finds none of the rows that it covers. */
        private boolean isBaseGone;

        private long lastId;
        private boolean isSlow;
        private boolean isFaulty;
        private CompletableFuture<Boolean> deletion = CompletableFuture.completedFuture(true);

        @Override
        public CompletionStage<List<StoredUpdate>> load(String name) {
            loads.add(new CompletableFuture<>());
            return loads.get(loads.size() - 1);
        }

        @Override
        public CompletionStage<List<StoredUpdate>> load(String name, LongPredicate reserve) {
            this.reserve = reserve;
            return DocumentStore.super.load(name, reserve);
        }

        @Override
        public CompletionStage<Long> append(String name, byte[] update) {
            return keep("+" + HexFormat.of().formatHex(update))
                    .thenApply(written -> written.id().orElseThrow());
        }

        @Override
        public CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered) {
            this.covered = covered;
            return keep("=" + HexFormat.of().formatHex(state));
        }

        private CompletionStage<Replacement> keep(String what) {
            if (isFaulty) {
                throw new AssertionError("provoked");
            }
            kept.add(what);
            CompletableFuture<Replacement> write = new CompletableFuture<>();
            if (isSlow) {
                writes.add(write);
            } else {
                write.complete(written());
            }
            return write;
        }

        private Replacement written() {
            boolean isState = kept.get(kept.size() - 1).startsWith("=");
            if (isState && isBaseGone) {
                isBaseGone = false;
                return new Replacement(OptionalLong.empty(), takeOthers());
            }
            return new Replacement(OptionalLong.of(++lastId), isState ? takeOthers() : List.of());
        }

        private List<StoredUpdate> takeOthers() {
            List<StoredUpdate> taken = List.copyOf(others);
            others.clear();
            return taken;
        }

        void keepOfOtherServer(String update) {
            others.add(new StoredUpdate(++lastId, HexFormat.of().parseHex(update)));
        }

        void finishWrite() {
            writes.remove().complete(written());
        }

        void failWrite() {
            writes.remove().completeExceptionally(new StoreException("no space is left"));
        }

        @Override
        public CompletionStage<Boolean> delete(String name) {
            return deletion;
        }

        @Override
        public CompletionStage<List<StoredDocument>> list(String prefix, String after, int max) {
            return CompletableFuture.completedFuture(List.of());
        }

        @Override
        public void close() {}

        void answer(@Nullable String state) {
            loads.get(loads.size() - 1)
                    .complete(
                            state == null
                                    ? List.of()
                                    : List.of(new StoredUpdate(
                                            ++lastId, HexFormat.of().parseHex(state))));
        }
    }

    private static final class Time implements TimeSource {
        private long nanos;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long millis() {
            return nanos / 1_000_000;
        }
    }

    @Test
    void allWhoOpenADocumentWaitForOneLoad() {
        Peer first = new Peer("a");
        Peer second = new Peer("a");
        first.send(TELL);
        runAll();
        assertThat(store.loads).hasSize(1);
        assertThat(first.heard()).isEmpty();

        store.answer(null);
        runAll();
        assertThat(first.heard()).containsExactly(ASK_ALL, TELL);
        assertThat(second.heard()).containsExactly(ASK_ALL, TELL);
        assertThat(store.kept).containsExactly("+" + UPDATE);
    }

    @Test
    void whatIsStoredIsWhatEverybodyGets() {
        Peer peer = new Peer("a");
        store.answer(UPDATE);
        runAll();
        peer.send("00000100");
        runAll();
        assertThat(peer.heard()).containsExactly("000003010102", "00010c" + UPDATE);
        peer.connection.closedCleanly();
        peer.client.disconnected();
        runAll();
        assertThat(store.kept).isEmpty(); // nothing has changed
        assertThat(documents.count()).isZero();
    }

    @Test
    void whoCannotBeGivenTheDocumentIsTurnedAwayAndTheNextTriesAnew() {
        Peer first = new Peer("a");
        store.loads.get(0).completeExceptionally(new IllegalStateException("no disk"));
        runAll();
        assertThat(first.closedWith).isEqualTo(CloseCode.TRY_LATER);

        Peer second = new Peer("a");
        assertThat(store.loads).hasSize(2);
        store.answer(null);
        runAll();
        assertThat(second.heard()).containsExactly(ASK_ALL);
    }

    @Test
    void aDocumentIsPutAwayWithItsLastReaderAndReadAgain() {
        Peer peer = new Peer("a");
        store.answer(null);
        peer.send(TELL);
        runAll();
        peer.client.disconnected();
        runAll();
        assertThat(documents.count()).isZero();
        assertThat(store.kept).containsExactly("+" + UPDATE);
    }

    @Test
    void whatAReaderWritesIsIgnored() {
        Peer reader = new Peer("a", true);
        Peer writer = new Peer("a");
        store.answer(null);
        reader.send(TELL);
        runAll();
        assertThat(reader.heard()).containsExactly(ASK_ALL);
        assertThat(reader.closedWith).isNull();
        writer.send(TELL);
        runAll();
        assertThat(reader.heard()).containsExactly(TELL);
    }

    @Test
    void anUpdateThatBringsNothingGoesBackToItsSenderAlone() {
        Peer first = new Peer("a");
        Peer second = new Peer("a");
        store.answer(UPDATE);
        runAll();
        first.heard();
        second.heard();
        first.send(TELL);
        runAll();
        assertThat(first.heard()).containsExactly(TELL);
        assertThat(second.heard()).isEmpty();
        assertThat(store.kept).isEmpty();
    }

    @Test
    void aDocumentThatIsFullStaysAsItIs() {
        documents = documents(Map.of("max-document-bytes", "10"));
        Peer peer = new Peer("a");
        Peer other = new Peer("a");
        store.answer(null);
        peer.send(TELL);
        runAll();
        assertThat(peer.closedWith).isEqualTo(CloseCode.TRY_LATER);
        assertThat(other.closedWith).isNull();
        assertThat(store.kept).isEmpty();
    }

    @Test
    void allDocumentsTogetherAreBoundedThoseThatNobodyHasOpenToo() {
        MemoryStore memory = new MemoryStore();
        documents = documents(Map.of("memory-budget", "1000"), memory); // 350 for documents
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Peer peer = new Peer("d" + i);
            peer.send(TELL);
            runAll();
            peer.client.disconnected();
            runAll();
            peers.add(peer);
        }
        assertThat(peers.get(0).closedWith).isNull();
        assertThat(peers.get(39).closedWith).isEqualTo(CloseCode.TRY_LATER);
        assertThat(documents.count()).isZero();
        assertThat(budget.usedBytes(Budget.Share.DOCUMENTS)).isEqualTo(memory.memoryBytes());
    }

    /** Returns an update: client {@code id} writes so many letters. */
    private static String text(int id, int letters) {
        return String.format("0101%02x00040101" + "74" + "%s%s00", id, varUint(letters), "61".repeat(letters));
    }

    private static String tell(String update) {
        return "0002" + varUint(update.length() / 2) + update;
    }

    @Test
    void storedDocumentThatDoesNotFitIsRefused() {
        documents = documents(Map.of("memory-budget", "1000"), store);
        Peer peer = new Peer("a");
        store.answer(text(1, 1000));
        runAll();
        assertThat(peer.closedWith).isEqualTo(CloseCode.TRY_LATER);
        assertThat(documents.count()).isZero();
        assertThat(budget.usedBytes(Budget.Share.DOCUMENTS)).isZero();
    }

    @Test
    void loadReservesItsMemoryBeforeItReads() {
        Peer peer = new Peer("a");
        assertThat(store.reserve.test(1_000)).isTrue();
        assertThat(store.reserve.test(1_200)).isTrue(); // it began anew
        assertThat(budget.usedBytes(Budget.Share.DOCUMENTS)).isEqualTo(1_200);
        assertThat(store.reserve.test(budget.limitBytes(Budget.Share.DOCUMENTS) + 1))
                .isFalse();
        store.loads.get(0).completeExceptionally(new StoreException("provoked"));
        assertThat(budget.usedBytes(Budget.Share.DOCUMENTS)).isZero();
        assertThat(peer.closedWith).isEqualTo(CloseCode.TRY_LATER);
    }

    @Test
    void openDocumentIsCountedUntilItIsPutAway() {
        Peer peer = new Peer("a");
        store.answer(text(1, 1000));
        runAll();
        assertThat(budget.usedBytes(Budget.Share.DOCUMENTS)).isGreaterThanOrEqualTo(1000);
        peer.client.disconnected();
        runAll();
        assertThat(budget.usedBytes(Budget.Share.DOCUMENTS)).isZero();
    }

    @Test
    void fullDocumentStillTakesWhatItKnows() {
        documents = documents(Map.of("max-document-bytes", "1500"), store);
        Peer peer = new Peer("a");
        store.answer(text(1, 1000));
        runAll();
        peer.heard();
        peer.send(tell(text(1, 1000)));
        runAll();
        assertThat(peer.closedWith).isNull();
        assertThat(peer.heard()).containsExactly(tell(text(1, 1000)));
        peer.send(tell(text(2, 2000)));
        runAll();
        assertThat(peer.closedWith).isEqualTo(CloseCode.TRY_LATER);
    }

    @Test
    void repeatsOfALargeUpdateAreConfirmedWithoutKeepingThem() {
        documents = documents(Map.of("max-queued-bytes", "0"), store);
        Peer writer = new Peer("a");
        store.answer(null);
        store.isSlow = true;
        runAll();
        writer.heard();
        String update = tell(text(1, 100_000));
        for (int i = 0; i < 100; i++) {
            writer.send(update);
            runAll();
        }
        assertThat(writer.heard()).isEmpty();
        assertThat(budget.usedBytes(Budget.Share.RECEIPTS)).isBetween(100_000L, 200_000L);
        store.finishWrite();
        runAll();
        assertThat(writer.heard()).hasSize(100).containsOnly(update);
        assertThat(budget.usedBytes(Budget.Share.RECEIPTS)).isZero();
    }

    @Test
    void unstoredUpdatesBeyondTheShareAreRefusedForTheirSenderAlone() {
        documents = documents(Map.of("memory-budget", "100000"), store); // 10,000 for receipts
        Peer attacker = new Peer("a");
        Peer other = new Peer("b");
        store.loads.forEach(load -> load.complete(List.of()));
        store.isSlow = true;
        runAll();
        attacker.send(tell(text(1, 9_000)));
        runAll();
        assertThat(attacker.closedWith).isNull();
        attacker.send(tell(text(2, 9_000)));
        runAll();
        assertThat(attacker.closedWith).isEqualTo(CloseCode.TRY_LATER);
        other.send(letter(3, 0));
        runAll();
        assertThat(other.closedWith).isNull();
    }

    @Test
    void answerWaitsForMemoryAndIsRefusedAfterSomeSeconds() {
        Peer patient = new Peer("a");
        Peer unlucky = new Peer("a");
        store.answer(UPDATE);
        runAll();
        patient.heard();
        unlucky.heard();
        long all = budget.limitBytes(Budget.Share.OUTPUT);
        budget.reserve(Budget.Share.OUTPUT, all);
        patient.send("00000100");
        runAll();
        assertThat(patient.heard()).isEmpty();
        budget.release(Budget.Share.OUTPUT, all);
        documents.tick();
        runAll();
        assertThat(patient.heard()).hasSize(1);

        budget.reserve(Budget.Share.OUTPUT, all);
        unlucky.send("00000100");
        runAll();
        time.nanos += SyncReplies.MAX_MEMORY_WAIT_NANOS + 1;
        documents.tick();
        runAll();
        assertThat(unlucky.closedWith).isEqualTo(CloseCode.TRY_LATER);
        assertThat(patient.closedWith).isNull();
    }

    @Test
    void equalQuestionsShareOneAnswerAndHearWhatChangedSince() {
        documents = documents(Map.of("max-queued-bytes", "0"), store);
        Peer first = new Peer("a");
        Peer second = new Peer("a");
        store.answer(text(1, 100_000));
        runAll();
        first.heard();
        second.heard();
        first.isSlow = true;
        first.send("00000100");
        runAll();
        long used = budget.usedBytes(Budget.Share.OUTPUT);
        assertThat(used).isGreaterThan(100_000);
        second.send(letter(2, 0));
        runAll();
        second.heard();
        second.isSlow = true;
        second.send("00000100");
        runAll();
        assertThat(budget.usedBytes(Budget.Share.OUTPUT)).isLessThan(used + 1000);
        List<String> replies = second.heard();
        second.read();
        replies.addAll(second.heard());
        assertThat(replies).hasSize(2).element(0).isEqualTo(first.heard().get(0));
        assertThat(replies.get(1)).contains(letter(2, 0).substring(6, 20));
    }

    @Test
    void documentThatCannotBeLoadedIsDeniedAlone() {
        Transcript transcript = new Transcript();
        HocuspocusConnection connection =
                hocuspocus().open(hub.connect(transcript, Documents.PROTOCOL, "", ""), ALL, false);
        connection.receive(HexFormat.of().parseHex("0161" + "020000"));
        store.loads.get(0).completeExceptionally(new StoreException("no disk"));
        connection.receive(HexFormat.of().parseHex("0162" + "020000"));
        store.answer(null);
        connection.receive(HexFormat.of().parseHex("0161" + ASK_ALL)); // is ignored
        connection.receive(HexFormat.of().parseHex("0162" + ASK_ALL));
        runAll();
        assertThat(transcript.heard).hasSize(5).noneMatch(heard -> heard.contains("_"));
        assertThat(transcript.heard.get(1)).startsWith("0161" + "0201"); // denied
        assertThat(transcript.heard.get(3)).startsWith("0162" + "0001");

        connection.receive(HexFormat.of().parseHex("0161" + "020000"));
        store.answer(null);
        connection.receive(HexFormat.of().parseHex("0161" + ASK_ALL));
        runAll();
        assertThat(transcript.heard).hasSize(8);
    }

    @Test
    void messagesBeforeAuthenticationAreCounted() {
        Client client = hub.connect(new Transcript(), Documents.PROTOCOL, "", "");
        HocuspocusConnection connection = hocuspocus().open(client, ALL, false);
        connection.receive(HexFormat.of().parseHex("0161" + tell(text(1, 1000))));
        assertThat(budget.usedBytes(Budget.Share.INPUT)).isGreaterThan(1000);
        client.disconnected();
        assertThat(budget.usedBytes(Budget.Share.INPUT)).isZero();
    }

    @Test
    void clientThatWouldBeginOneDocumentTooManyIsRefused() {
        MemoryStore memory = new MemoryStore();
        documents = documents(Map.of("max-documents", "1"), memory);
        Peer first = new Peer("a");
        first.send(TELL);
        runAll();
        Peer second = new Peer("b");
        runAll();
        assertThat(second.closedWith).as("an empty document may be opened").isNull();
        second.send(TELL);
        first.send(TELL);
        runAll();
        assertThat(second.closedWith).isEqualTo(CloseCode.TRY_LATER);
        assertThat(first.closedWith).isNull();
        assertThat(memory.count()).isEqualTo(1);
    }

    @Test
    void aSlowReaderIsToldWhatItLacksWhenItReadsAgain() {
        Peer slow = new Peer("a");
        Peer writer = new Peer("a");
        store.answer(null);
        runAll();
        slow.heard();
        slow.isSlow = true;
        for (int clock = 0; clock < 20; clock++) { // one letter after the other
            String update = clock == 0
                    ? "010101000401017401" + "61" + "00"
                    : String.format("010101%02x8401%02x01%02x00", clock, clock - 1, 'a' + clock);
            writer.send(String.format("0002%02x%s", update.length() / 2, update));
            runAll();
        }
        assertThat(slow.heard()).hasSize(1); // that is on its way; the rest was too much
        assertThat(slow.closedWith).isNull();

        writer.heard();
        slow.read();
        runAll();
        writer.send("00000100");
        runAll();
        String whole = writer.heard().get(0);
        assertThat(slow.heard().get(0).substring(4)).isEqualTo(whole.substring(4)); // an update there, an answer here
    }

    /** Returns an update frame: client {@code id} writes a letter after what it wrote before. */
    private static String letter(int id, int clock) {
        String update = clock == 0
                ? String.format("0101%02x00040101740161" + "00", id)
                : String.format("0101%02x%s84%02x%s0162" + "00", id, varUint(clock), id, varUint(clock - 1));
        return String.format("0002%02x%s", update.length() / 2, update);
    }

    private static String varUint(int value) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(value);
        return HexFormat.of().formatHex(out.toByteArray());
    }

    private static final String MARK = "66" + "0107"; // 102, one byte

    @Test
    void whoWroteHearsItsEchoOnlyOnceItIsStoredAndOthersHearItAtOnce() {
        Peer writer = new Peer("a");
        Peer other = new Peer("a");
        store.answer(null);
        store.isSlow = true;
        runAll();
        writer.heard();
        other.heard();
        writer.send(letter(1, 0));
        writer.send(MARK);
        runAll();
        assertThat(other.heard()).containsExactly(letter(1, 0));
        assertThat(writer.heard()).isEmpty();

        store.finishWrite();
        runAll();
        assertThat(writer.heard()).containsExactlyInAnyOrder(letter(1, 0), MARK);
        assertThat(other.heard()).isEmpty();
        other.send(MARK); // nothing of its own was not stored
        runAll();
        assertThat(other.heard()).containsExactly(MARK);
    }

    @Test
    void aClientOfHocuspocusHearsAStatusForEachUpdateOnceItIsStored() {
        Transcript transcript = new Transcript();
        Hub hub = new Hub(Settings.read(Limits.class, name -> null), "h", tasks::add, 1, time);
        HocuspocusConnection connection =
                hocuspocus().open(hub.connect(transcript, Documents.PROTOCOL, "", ""), ALL, false);
        Peer other = new Peer("a");
        store.answer(null);
        store.isSlow = true;
        String key = "0161";
        for (String message : List.of("020000", letter(1, 0), letter(1, 1))) {
            connection.receive(HexFormat.of().parseHex(key + message));
        }
        runAll();
        assertThat(transcript.heard).containsExactly(key + "02020a726561642d7772697465"); // read-write
        assertThat(other.heard()).hasSize(2); // its greeting, and both letters in one

        store.failWrite();
        runAll();
        time.nanos += 300_000_000;
        documents.tick();
        runAll();
        assertThat(transcript.heard).hasSize(1);
        store.finishWrite();
        runAll();
        assertThat(transcript.heard.subList(1, 3)).containsExactly(key + "0801", key + "0801");
    }

    /** What a client was sent. */
    private static final class Transcript implements Transport {
        private final List<String> heard = new ArrayList<>();

        @Override
        public int send(Batch batch, int from, Completion done) {
            for (int i = from; i < batch.size(); i++) {
                heard.add(HexFormat.of().formatHex(batch.frame(i).payload()));
            }
            done.done(null);
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {}

        @Override
        public void close(CloseCode code, String reason) {
            heard.add(code.toString());
        }
    }

    @Test
    void aConnectionOfHocuspocusThatAsksForNothingIsClosed() {
        Transcript transcript = new Transcript();
        Hub hub = new Hub(Settings.read(Limits.class, name -> null), "h", tasks::add, 1, time);
        HocuspocusConnections connections = hocuspocus();
        connections.open(hub.connect(transcript, Documents.PROTOCOL, "", ""), ALL, false);
        time.nanos += 29_000_000_000L;
        connections.tick();
        assertThat(transcript.heard).isEmpty();
        time.nanos += 1_000_000_000L;
        connections.tick();
        assertThat(transcript.heard).containsExactly("AUTHENTICATION_TIMEOUT");
    }

    @Test
    void whatComesQuicklyInALargeDocumentIsToldTogether() {
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            peers.add(new Peer("a"));
        }
        store.answer(null);
        runAll();
        peers.forEach(Peer::heard);
        Peer reader = peers.get(1);
        peers.get(0).send(letter(1, 0));
        runAll();
        assertThat(reader.heard()).hasSize(1); // the first at once
        peers.get(0).send(letter(1, 1));
        peers.get(0).send(letter(1, 2));
        runAll();
        assertThat(reader.heard()).isEmpty();
        time.nanos += 640_000; // 40 µs for each of 16
        tasks.addAll(resting);
        runAll();
        assertThat(reader.heard()).hasSize(1);
    }

    @Test
    void inASmallDocumentWhoeverHearsTells() {
        Peer writer = new Peer("a");
        Peer reader = new Peer("a");
        store.answer(null);
        runAll();
        reader.heard();
        writer.send(letter(1, 0));
        assertThat(tasks).isEmpty();
        assertThat(reader.heard()).hasSize(1);
    }

    @Test
    void twoWhoWriteAtOnceHearEachOtherAtOnce() {
        Peer first = new Peer("a");
        Peer second = new Peer("a");
        Peer reader = new Peer("a");
        store.answer(null);
        store.isSlow = true;
        runAll();
        List.of(first, second, reader).forEach(Peer::heard);
        Peer another = new Peer("a"); // whose coming waits for a run, and so does what comes now
        first.send(letter(1, 0));
        second.send(letter(2, 0));
        runAll();
        assertThat(another.heard()).hasSize(2);
        assertThat(first.heard()).containsExactly(letter(2, 0));
        assertThat(second.heard()).containsExactly(letter(1, 0));
        assertThat(reader.heard()).hasSize(1);
        store.finishWrite();
        runAll();
        assertThat(first.heard()).containsExactly(letter(1, 0));
        assertThat(second.heard()).containsExactly(letter(2, 0));
        assertThat(reader.heard()).isEmpty();
        assertThat(store.kept).hasSize(1);
    }

    @Test
    void oneWriteIsUnderWayAndWhatComesMeanwhileGoesIntoTheNext() {
        Peer writer = new Peer("a");
        store.answer(null);
        store.isSlow = true;
        for (int clock = 0; clock < 4; clock++) {
            writer.send(letter(1, clock));
            runAll();
        }
        writer.send(letter(1, 0)); // again: it is stored only when the write is done that has it
        runAll();
        assertThat(store.kept).hasSize(1);
        assertThat(writer.heard()).containsExactly(ASK_ALL);
        store.finishWrite();
        runAll();
        assertThat(store.kept).hasSize(2);
        assertThat(writer.heard()).containsExactly(letter(1, 0));
        store.finishWrite();
        runAll();
        assertThat(writer.heard()).hasSize(4);
    }

    @Test
    void aWriteThatFailsIsMadeAgainAndNothingIsConfirmedBefore() throws Exception {
        Peer writer = new Peer("a");
        store.answer(null);
        store.isSlow = true;
        writer.send(letter(1, 0));
        writer.send(MARK);
        runAll();
        writer.heard();
        store.failWrite();
        runAll();
        writer.send(letter(1, 1));
        runAll();
        assertThat(writer.heard()).isEmpty();
        assertThat(store.writes).isEmpty(); // it waits a while
        var asked = documents.stored("a");
        runAll();
        Documents.Stored stored = asked.toCompletableFuture().get();
        assertThat(stored.failure()).isEqualTo("no space is left");
        assertThat(stored.isComplete()).isFalse();
        assertThat(stored.stateVector()).containsExactly(0);

        time.nanos += 300_000_000;
        documents.tick();
        runAll();
        assertThat(store.writes).hasSize(1);
        store.finishWrite();
        runAll();
        assertThat(writer.heard()).containsExactlyInAnyOrder(letter(1, 0), letter(1, 1), MARK);
        asked = documents.stored("a");
        runAll();
        stored = asked.toCompletableFuture().get();
        assertThat(stored.failure()).isNull();
        assertThat(stored.isComplete()).isTrue();
        assertThat(stored.stateVector()).containsExactly(1, 1, 2);
    }

    @Test
    void aDocumentStaysLiveUntilItIsStored() throws Exception {
        Peer writer = new Peer("a");
        store.answer(null);
        store.isSlow = true;
        writer.send(letter(1, 0));
        runAll();
        writer.client.disconnected();
        runAll();
        assertThat(documents.count()).isOne();
        store.failWrite();
        runAll();
        time.nanos += 300_000_000;
        documents.tick();
        runAll();
        Peer next = new Peer("a"); // finds it as it is
        runAll();
        assertThat(next.heard()).containsExactly("000003010101");
        next.client.disconnected();
        runAll();
        assertThat(documents.count()).isOne();
        store.finishWrite();
        runAll();
        assertThat(documents.count()).isZero();
        assertThat(store.loads).hasSize(1);
    }

    @Test
    void aSlowWriterIsNotToldThatItsOwnIsStoredBeforeItIs() {
        Peer slow = new Peer("a");
        Peer writer = new Peer("a");
        store.answer(null);
        store.isSlow = true;
        runAll();
        slow.heard();
        slow.isSlow = true;
        slow.send(letter(2, 0));
        for (int clock = 0; clock < 20; clock++) {
            writer.send(letter(1, clock));
            runAll();
        }
        slow.heard();
        slow.read();
        runAll();
        assertThat(slow.heard()).isEmpty();
        while (!store.writes.isEmpty()) {
            store.finishWrite();
            runAll();
        }
        writer.heard();
        writer.send("00000100");
        runAll();
        String whole = writer.heard().get(0);
        assertThat(slow.heard().get(0).substring(4)).isEqualTo(whole.substring(4));
    }

    @Test
    void aLongTailIsReplacedByTheState() {
        Peer writer = new Peer("a");
        store.answer(null);
        int clock = 0;
        while (store.kept.stream().noneMatch(kept -> kept.startsWith("="))) {
            writer.send(letter(1, clock++));
            runAll();
        }
        assertThat(clock).isBetween(1300, 1500); // of 12 bytes each, or some more
        int states = 0;
        for (int more = 0; more < 3000; more++) {
            writer.send(letter(1, clock++));
            runAll();
        }
        for (String kept : store.kept) {
            states += kept.startsWith("=") ? 1 : 0;
        }
        assertThat(states).isBetween(3, 4);
        store.kept.clear();
        writer.send(letter(1, clock));
        writer.client.disconnected();
        runAll();
        assertThat(documents.count()).isZero();
    }

    private static final String FROM_ELSEWHERE = letter(9, 0).substring(6);

    /** Types until the state is written. Returns the next clock. */
    private int typeUntilState(Peer writer, int from) {
        store.kept.clear();
        int clock = from;
        while (store.kept.stream().noneMatch(kept -> kept.startsWith("="))) {
            writer.send(letter(1, clock++));
            runAll();
        }
        return clock;
    }

    @Test
    void rowsOfAnotherServerAreMergedAndTold() {
        Peer writer = new Peer("a");
        Peer reader = new Peer("a");
        store.answer(null);
        store.keepOfOtherServer(FROM_ELSEWHERE);
        long foreign = store.lastId;
        int clock = typeUntilState(writer, 0);
        assertThat(store.covered).hasSize(clock - 1).doesNotContain(foreign);
        assertThat(String.join("", reader.heard())).contains(FROM_ELSEWHERE.substring(4, 20));
        assertThat(String.join("", writer.heard())).contains(FROM_ELSEWHERE.substring(4, 20));
        typeUntilState(writer, clock);
        assertThat(store.covered).contains(foreign);
    }

    @Test
    void stateWithoutItsBaseIsWrittenWholeAndConfirmedThen() {
        Peer writer = new Peer("a");
        store.answer(null);
        store.isBaseGone = true;
        store.keepOfOtherServer(FROM_ELSEWHERE);
        long foreign = store.lastId;
        int clock = typeUntilState(writer, 0);
        store.isSlow = true;
        writer.heard();
        runAll();
        store.kept.clear();
        writer.send(letter(1, clock));
        runAll();
        assertThat(store.kept).hasSize(1).first().asString().startsWith("=").contains(FROM_ELSEWHERE.substring(4, 20));
        assertThat(store.covered).containsExactly(foreign);
        store.finishWrite();
        runAll();
        store.kept.clear();
        writer.send(letter(1, clock + 1));
        runAll();
        assertThat(store.kept).hasSize(1).first().asString().startsWith("+");
    }

    @Test
    void documentDeletedElsewhereIsNotWrittenAtRest() {
        Peer writer = new Peer("a");
        store.answer(null);
        for (int clock = 0; clock < 200; clock++) { // more than may stay beside the state
            writer.send(letter(1, clock));
            runAll();
        }
        store.kept.clear();
        store.isBaseGone = true;
        writer.client.disconnected();
        runAll();
        assertThat(store.kept).hasSize(1).first().asString().startsWith("=");
        assertThat(documents.count()).isZero();
    }

    @Test
    void whoOpensADocumentThatIsBeingDeletedFindsItEmpty() throws Exception {
        Peer writer = new Peer("a");
        store.answer(UPDATE);
        runAll();
        assertThat(documents.delete("a").toCompletableFuture().get()).isEqualTo(Documents.Deletion.OPEN);
        writer.client.disconnected();
        runAll();
        store.deletion = new CompletableFuture<>();
        var deletion = documents.delete("a").toCompletableFuture();
        Peer early = new Peer("a");
        runAll();
        assertThat(early.heard()).isEmpty();
        store.deletion.complete(true);
        runAll();
        assertThat(deletion.get()).isEqualTo(Documents.Deletion.DELETED);
        assertThat(early.heard()).containsExactly(ASK_ALL);
        early.client.disconnected();
        runAll();
        assertThat(documents.count()).isZero();
        assertThat(store.loads).hasSize(1);
    }

    @Test
    void errorOfOneParticipantDoesNotReachOthers() {
        Peer faulty = new Peer("a");
        Peer writer = new Peer("a");
        Peer reader = new Peer("a");
        store.answer(null);
        runAll();
        reader.heard();
        faulty.isFaulty = true;
        writer.send(letter(1, 0));
        runAll();
        writer.send(letter(1, 1));
        runAll();
        assertThat(reader.heard()).containsExactly(letter(1, 0), letter(1, 1));
        assertThat(store.kept).hasSize(2);
        assertThat(reader.closedWith).isNull();
    }

    @Test
    void errorOfTheStoreDoesNotEndStoring() {
        Peer writer = new Peer("a");
        store.answer(null);
        runAll();
        writer.heard();
        store.isFaulty = true;
        writer.send(letter(1, 0));
        runAll();
        assertThat(writer.heard()).isEmpty();
        store.isFaulty = false;
        time.nanos += 300_000_000;
        documents.tick();
        runAll();
        assertThat(store.kept).hasSize(1);
        assertThat(writer.heard()).containsExactly(letter(1, 0));
    }

    @Test
    void lostEndOfAWriteIsFoundByTheClock() {
        Peer writer = new Peer("a");
        store.answer(null);
        store.isSlow = true;
        runAll();
        writer.send(letter(1, 0));
        runAll();
        writer.heard();
        isFaulty = true; // the run that was to hear of it cannot be scheduled
        store.finishWrite();
        isFaulty = false;
        documents.tick();
        runAll();
        assertThat(writer.heard()).containsExactly(letter(1, 0));
    }

    @Test
    void failingTickOfOneDocumentLeavesTheOthers() {
        for (String name : List.of("a", "b")) {
            Peer writer = new Peer(name);
            store.answer(null);
            runAll();
            store.isFaulty = true;
            writer.send(letter(1, 0));
            runAll();
            store.isFaulty = false;
        }
        time.nanos += 300_000_000;
        isFaulty = true;
        documents.tick();
        isFaulty = false;
        documents.tick();
        runAll();
        assertThat(store.kept).hasSize(2);
    }

    @Test
    void markOfAReaderIsNotConfirmedAfterAnIgnoredWrite() {
        Peer reader = new Peer("a", true);
        store.answer(null);
        runAll();
        reader.heard();
        reader.send(MARK);
        runAll();
        assertThat(reader.heard()).containsExactly(MARK);
        reader.send(letter(1, 0));
        reader.send(MARK);
        runAll();
        assertThat(reader.heard()).isEmpty();
    }
}
