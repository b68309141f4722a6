package dev.tutti.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.FakeTokens;
import dev.tutti.protocol.SlowPermissions;
import dev.tutti.protocol.hocuspocus.HocuspocusConnection;
import dev.tutti.protocol.hocuspocus.HocuspocusConnections;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.settings.Settings;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
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

    private static final String UPDATE_MESSAGE = "00020c" + UPDATE;
    private static final String SYNC_STEP_1 = "00000100";

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private boolean isFaulty;
    private final TestTime time = new TestTime();
    private final Store store = new Store();
    /** Tasks of the timer. */
    private final Queue<Runnable> delayed = new ArrayDeque<>();

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
        return new Documents(limits, budget, store, this::execute, time, (task, nanos) -> delayed.add(task));
    }

    private HocuspocusConnections hocuspocus() {
        return new HocuspocusConnections(documents, Settings.read(Limits.class, name -> null), FakeTokens.NONE, time);
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

    /** A client that records the frames that it receives. */
    private final class Peer implements Transport {
        private final List<String> received = new ArrayList<>();
        private final Client client;
        private final YWebsocketConnection connection;
        private @Nullable CloseCode closedWith;
        private @Nullable Completion inFlight;
        private boolean isSlow;
        private boolean isFaulty;

        Peer(String document, boolean readOnly) {
            client = hub.connect(this, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted(""));
            connection = YWebsocketConnection.open(documents, document, client, readOnly, DocumentMember.NO_COPY);
        }

        Peer(String document) {
            this(document, false);
        }

        Peer(String document, Permissions permissions) {
            client = hub.connect(this, DocumentClients.Y_WEBSOCKET, "", new Access(Identity.named("Eve"), permissions));
            connection = YWebsocketConnection.open(documents, document, client, false, DocumentMember.NO_COPY);
        }

        void send(String hex) {
            connection.receive(HexFormat.of().parseHex(hex));
        }

        List<String> received() {
            List<String> all = new ArrayList<>(received);
            received.clear();
            return all;
        }

        @Override
        public int send(Batch batch, int from, Completion done) {
            if (isFaulty) {
                throw new AssertionError("provoked");
            }
            for (int i = from; i < batch.size(); i++) {
                received.add(HexFormat.of().formatHex(batch.frame(i).payload()));
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

    /** Completes loads when a test asks for it, and writes too if it is slow. */
    private static final class Store implements DocumentStore {
        private final List<CompletableFuture<List<StoredUpdate>>> loads = new ArrayList<>();
        /** The reservation of the last load. */
        private LongPredicate reserve = bytes -> false;

        private final List<String> rows = new ArrayList<>();
        private final Queue<CompletableFuture<Replacement>> writes = new ArrayDeque<>();
        /** The rows that the last state covered. */
        private Set<Long> covered = Set.of();
        /** Rows of another server. */
        private final List<StoredUpdate> others = new ArrayList<>();
        /** The next state finds none of the rows that it covers. */
        private boolean isBaseGone;

        private long lastId;
        private boolean isSlow;
        private boolean isFaulty;
        private CompletableFuture<Boolean> deletion = CompletableFuture.completedFuture(true);

        @Override
        public CompletionStage<List<StoredUpdate>> load(String name) {
            if (name.startsWith(".")) { // a note about an incarnation
                return CompletableFuture.completedFuture(List.of());
            }
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
            return addRow("+" + HexFormat.of().formatHex(update))
                    .thenApply(written -> written.id().orElseThrow());
        }

        @Override
        public CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered) {
            this.covered = covered;
            return addRow("=" + HexFormat.of().formatHex(state));
        }

        private CompletionStage<Replacement> addRow(String row) {
            if (isFaulty) {
                throw new AssertionError("provoked");
            }
            rows.add(row);
            CompletableFuture<Replacement> write = new CompletableFuture<>();
            if (isSlow) {
                writes.add(write);
            } else {
                write.complete(written());
            }
            return write;
        }

        private Replacement written() {
            boolean isState = rows.get(rows.size() - 1).startsWith("=");
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

        void addRowOfOtherServer(String update) {
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
        public CompletionStage<DocumentMove.Result> move(DocumentMove move) {
            return deletion.thenApply(existed -> existed ? DocumentMove.Result.MOVED : DocumentMove.Result.UNKNOWN);
        }

        @Override
        public CompletionStage<List<StoredDocument>> list(String prefix, String after, int max) {
            return CompletableFuture.completedFuture(List.of());
        }

        @Override
        public void close() {}

        void completeLoad(@Nullable String state) {
            loads.get(loads.size() - 1)
                    .complete(
                            state == null
                                    ? List.of()
                                    : List.of(new StoredUpdate(
                                            ++lastId, HexFormat.of().parseHex(state))));
        }
    }

    @Test
    void concurrentOpensShareOneLoad() {
        Peer first = new Peer("a");
        Peer second = new Peer("a");
        first.send(UPDATE_MESSAGE);
        runAll();
        assertThat(store.loads).hasSize(1);
        assertThat(first.received()).isEmpty();

        store.completeLoad(null);
        runAll();
        assertThat(first.received()).containsExactly(SYNC_STEP_1, UPDATE_MESSAGE);
        assertThat(second.received()).containsExactly(SYNC_STEP_1, UPDATE_MESSAGE);
        assertThat(store.rows).containsExactly("+" + UPDATE);
    }

    @Test
    void storedDocumentIsSentOnRequest() {
        Peer peer = new Peer("a");
        store.completeLoad(UPDATE);
        runAll();
        peer.send("00000100");
        runAll();
        assertThat(peer.received()).containsExactly("000003010102", "00010c" + UPDATE);
        peer.connection.closedCleanly();
        peer.client.disconnected();
        runAll();
        assertThat(store.rows).isEmpty(); // nothing has changed
        assertThat(documents.count()).isZero();
    }

    @Test
    void failedLoadIsRetriedByTheNextClient() {
        Peer first = new Peer("a");
        store.loads.get(0).completeExceptionally(new IllegalStateException("no disk"));
        runAll();
        assertThat(first.closedWith).isEqualTo(CloseCode.TRY_LATER);

        Peer second = new Peer("a");
        assertThat(store.loads).hasSize(2);
        store.completeLoad(null);
        runAll();
        assertThat(second.received()).containsExactly(SYNC_STEP_1);
    }

    @Test
    void documentIsUnloadedWithItsLastMember() {
        Peer peer = new Peer("a");
        store.completeLoad(null);
        peer.send(UPDATE_MESSAGE);
        runAll();
        peer.client.disconnected();
        runAll();
        assertThat(documents.count()).isZero();
        assertThat(store.rows).containsExactly("+" + UPDATE);
    }

    @Test
    void updateOfAReadOnlyMemberIsIgnored() {
        Peer reader = new Peer("a", true);
        Peer writer = new Peer("a");
        store.completeLoad(null);
        reader.send(UPDATE_MESSAGE);
        runAll();
        assertThat(reader.received()).containsExactly(SYNC_STEP_1);
        assertThat(reader.closedWith).isNull();
        writer.send(UPDATE_MESSAGE);
        runAll();
        assertThat(reader.received()).containsExactly(UPDATE_MESSAGE);
    }

    @Test
    void knownUpdateIsAcknowledgedToItsAuthorOnly() {
        Peer first = new Peer("a");
        Peer second = new Peer("a");
        store.completeLoad(UPDATE);
        runAll();
        first.received();
        second.received();
        first.send(UPDATE_MESSAGE);
        runAll();
        assertThat(first.received()).containsExactly(UPDATE_MESSAGE);
        assertThat(second.received()).isEmpty();
        assertThat(store.rows).isEmpty();
    }

    @Test
    void updateBeyondTheLimitIsRefused() {
        documents = documents(Map.of("max-document-bytes", "10"));
        Peer peer = new Peer("a");
        Peer other = new Peer("a");
        store.completeLoad(null);
        peer.send(UPDATE_MESSAGE);
        runAll();
        assertThat(peer.closedWith).isEqualTo(CloseCode.TRY_LATER);
        assertThat(other.closedWith).isNull();
        assertThat(store.rows).isEmpty();
    }

    @Test
    void allDocumentsTogetherAreBounded() {
        MemoryStore memory = new MemoryStore();
        documents = documents(Map.of("memory-budget", "1000"), memory); // 350 for documents
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Peer peer = new Peer("d" + i);
            peer.send(UPDATE_MESSAGE);
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

    /** Returns an update: client {@code id} inserts so many letters. */
    private static String text(int id, int letters) {
        return String.format("0101%02x00040101" + "74" + "%s%s00", id, varUint(letters), "61".repeat(letters));
    }

    private static String message(String update) {
        return "0002" + varUint(update.length() / 2) + update;
    }

    @Test
    void storedDocumentThatDoesNotFitIsRefused() {
        documents = documents(Map.of("memory-budget", "1000"), store);
        Peer peer = new Peer("a");
        store.completeLoad(text(1, 1000));
        runAll();
        assertThat(peer.closedWith).isEqualTo(CloseCode.TRY_LATER);
        assertThat(documents.count()).isZero();
        assertThat(budget.usedBytes(Budget.Share.DOCUMENTS)).isZero();
    }

    @Test
    void loadReservesItsMemoryBeforeItReads() {
        Peer peer = new Peer("a");
        assertThat(store.reserve.test(1_000)).isTrue();
        assertThat(store.reserve.test(1_200)).isTrue(); // the store began again
        assertThat(budget.usedBytes(Budget.Share.DOCUMENTS)).isEqualTo(1_200);
        assertThat(store.reserve.test(budget.limitBytes(Budget.Share.DOCUMENTS) + 1))
                .isFalse();
        store.loads.get(0).completeExceptionally(new StoreException("provoked"));
        assertThat(budget.usedBytes(Budget.Share.DOCUMENTS)).isZero();
        assertThat(peer.closedWith).isEqualTo(CloseCode.TRY_LATER);
    }

    @Test
    void openDocumentIsCountedUntilItIsUnloaded() {
        Peer peer = new Peer("a");
        store.completeLoad(text(1, 1000));
        runAll();
        assertThat(budget.usedBytes(Budget.Share.DOCUMENTS)).isGreaterThanOrEqualTo(1000);
        peer.client.disconnected();
        runAll();
        assertThat(budget.usedBytes(Budget.Share.DOCUMENTS)).isZero();
    }

    @Test
    void fullDocumentAcceptsKnownUpdates() {
        documents = documents(Map.of("max-document-bytes", "1500"), store);
        Peer peer = new Peer("a");
        store.completeLoad(text(1, 1000));
        runAll();
        peer.received();
        peer.send(message(text(1, 1000)));
        runAll();
        assertThat(peer.closedWith).isNull();
        assertThat(peer.received()).containsExactly(message(text(1, 1000)));
        peer.send(message(text(2, 2000)));
        runAll();
        assertThat(peer.closedWith).isEqualTo(CloseCode.TRY_LATER);
    }

    @Test
    void repeatsOfALargeUpdateAreNotKept() {
        documents = documents(Map.of("max-queued-bytes", "0"), store);
        Peer writer = new Peer("a");
        store.completeLoad(null);
        store.isSlow = true;
        runAll();
        writer.received();
        String update = message(text(1, 100_000));
        for (int i = 0; i < 100; i++) {
            writer.send(update);
            runAll();
        }
        assertThat(writer.received()).isEmpty();
        assertThat(budget.usedBytes(Budget.Share.RECEIPTS)).isBetween(100_000L, 200_000L);
        store.finishWrite();
        runAll();
        assertThat(writer.received()).hasSize(100).containsOnly(update);
        assertThat(budget.usedBytes(Budget.Share.RECEIPTS)).isZero();
    }

    @Test
    void unstoredUpdatesBeyondTheShareAreRefused() {
        documents = documents(Map.of("memory-budget", "100000"), store); // 10,000 for receipts
        Peer attacker = new Peer("a");
        Peer other = new Peer("b");
        store.loads.forEach(load -> load.complete(List.of()));
        store.isSlow = true;
        runAll();
        attacker.send(message(text(1, 9_000)));
        runAll();
        assertThat(attacker.closedWith).isNull();
        attacker.send(message(text(2, 9_000)));
        runAll();
        assertThat(attacker.closedWith).isEqualTo(CloseCode.TRY_LATER);
        other.send(letter(3, 0));
        runAll();
        assertThat(other.closedWith).isNull();
    }

    @Test
    void replyWaitsForMemoryForSomeSeconds() {
        Peer patient = new Peer("a");
        Peer unlucky = new Peer("a");
        store.completeLoad(UPDATE);
        runAll();
        patient.received();
        unlucky.received();
        long all = budget.limitBytes(Budget.Share.OUTPUT);
        budget.reserve(Budget.Share.OUTPUT, all);
        patient.send("00000100");
        runAll();
        assertThat(patient.received()).isEmpty();
        budget.release(Budget.Share.OUTPUT, all);
        documents.tick();
        runAll();
        assertThat(patient.received()).hasSize(1);

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
    void equalRequestsShareOneReply() {
        documents = documents(Map.of("max-queued-bytes", "0"), store);
        Peer first = new Peer("a");
        Peer second = new Peer("a");
        store.completeLoad(text(1, 100_000));
        runAll();
        first.received();
        second.received();
        first.isSlow = true;
        first.send("00000100");
        runAll();
        long used = budget.usedBytes(Budget.Share.OUTPUT);
        assertThat(used).isGreaterThan(100_000);
        second.send(letter(2, 0));
        runAll();
        second.received();
        second.isSlow = true;
        second.send("00000100");
        runAll();
        assertThat(budget.usedBytes(Budget.Share.OUTPUT)).isLessThan(used + 1000);
        List<String> replies = second.received();
        second.read();
        replies.addAll(second.received());
        assertThat(replies).hasSize(2).element(0).isEqualTo(first.received().get(0));
        assertThat(replies.get(1)).contains(letter(2, 0).substring(6, 20));
    }

    @Test
    void onlyTheDocumentThatCannotBeLoadedIsDenied() {
        FrameRecorder transport = new FrameRecorder();
        HocuspocusConnection connection = hocuspocus()
                .open(hub.connect(transport, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted("")), false);
        connection.receive(HexFormat.of().parseHex("0161" + "020000"));
        store.loads.get(0).completeExceptionally(new StoreException("no disk"));
        connection.receive(HexFormat.of().parseHex("0162" + "020000"));
        store.completeLoad(null);
        connection.receive(HexFormat.of().parseHex("0161" + SYNC_STEP_1)); // is ignored: the document is denied
        connection.receive(HexFormat.of().parseHex("0162" + SYNC_STEP_1));
        runAll();
        assertThat(transport.closeCode()).isNull();
        assertThat(transport.received()).hasSize(5);
        assertThat(transport.received().get(1)).startsWith("0161" + "0201"); // denied
        assertThat(transport.received().get(3)).startsWith("0162" + "0001");

        connection.receive(HexFormat.of().parseHex("0161" + "020000"));
        store.completeLoad(null);
        connection.receive(HexFormat.of().parseHex("0161" + SYNC_STEP_1));
        runAll();
        assertThat(transport.received()).hasSize(8);
    }

    @Test
    void messagesBeforeAuthenticationAreCounted() {
        Client client = hub.connect(new FrameRecorder(), DocumentClients.Y_WEBSOCKET, "", Access.unrestricted(""));
        HocuspocusConnection connection = hocuspocus().open(client, false);
        connection.receive(HexFormat.of().parseHex("0161" + message(text(1, 1000))));
        assertThat(budget.usedBytes(Budget.Share.INPUT)).isGreaterThan(1000);
        client.disconnected();
        assertThat(budget.usedBytes(Budget.Share.INPUT)).isZero();
    }

    @Test
    void oneDocumentTooManyIsRefused() {
        MemoryStore memory = new MemoryStore();
        documents = documents(Map.of("max-documents", "1"), memory);
        Peer first = new Peer("a");
        first.send(UPDATE_MESSAGE);
        runAll();
        Peer second = new Peer("b");
        runAll();
        assertThat(second.closedWith).as("an empty document may be opened").isNull();
        second.send(UPDATE_MESSAGE);
        first.send(UPDATE_MESSAGE);
        runAll();
        assertThat(second.closedWith).isEqualTo(CloseCode.TRY_LATER);
        assertThat(first.closedWith).isNull();
        assertThat(memory.count()).isEqualTo(1);
    }

    @Test
    void slowClientReceivesTheDifferenceLater() {
        Peer slow = new Peer("a");
        Peer writer = new Peer("a");
        store.completeLoad(null);
        runAll();
        slow.received();
        slow.isSlow = true;
        for (int clock = 0; clock < 20; clock++) { // one letter after the other
            String update = clock == 0
                    ? "010101000401017401" + "61" + "00"
                    : String.format("010101%02x8401%02x01%02x00", clock, clock - 1, 'a' + clock);
            writer.send(String.format("0002%02x%s", update.length() / 2, update));
            runAll();
        }
        assertThat(slow.received()).hasSize(1); // the frame in flight; the rest exceeded the queue
        assertThat(slow.closedWith).isNull();

        writer.received();
        slow.read();
        runAll();
        writer.send("00000100");
        runAll();
        String whole = writer.received().get(0);
        assertThat(slow.received().get(0).substring(4)).isEqualTo(whole.substring(4)); // an update there, a reply here
    }

    /** Returns an update message: client {@code id} appends a letter to its own. */
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
    void authorIsAcknowledgedOnceTheUpdateIsStored() {
        Peer writer = new Peer("a");
        Peer other = new Peer("a");
        store.completeLoad(null);
        store.isSlow = true;
        runAll();
        writer.received();
        other.received();
        writer.send(letter(1, 0));
        writer.send(MARK);
        runAll();
        assertThat(other.received()).containsExactly(letter(1, 0));
        assertThat(writer.received()).isEmpty();

        store.finishWrite();
        runAll();
        assertThat(writer.received()).containsExactlyInAnyOrder(letter(1, 0), MARK);
        assertThat(other.received()).isEmpty();
        other.send(MARK); // all that it sent is stored
        runAll();
        assertThat(other.received()).containsExactly(MARK);
    }

    @Test
    void hocuspocusGetsAStatusPerStoredUpdate() {
        FrameRecorder transport = new FrameRecorder();
        Hub hub = new Hub(Settings.read(Limits.class, name -> null), "h", tasks::add, 1, time);
        HocuspocusConnection connection = hocuspocus()
                .open(hub.connect(transport, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted("")), false);
        Peer other = new Peer("a");
        store.completeLoad(null);
        store.isSlow = true;
        String key = "0161";
        for (String message : List.of("020000", letter(1, 0), letter(1, 1))) {
            connection.receive(HexFormat.of().parseHex(key + message));
        }
        runAll();
        assertThat(transport.received()).containsExactly(key + "02020a726561642d7772697465"); // read-write
        assertThat(other.received()).hasSize(2); // its greeting, and both letters in one update

        store.failWrite();
        runAll();
        time.nanos += 300_000_000;
        documents.tick();
        runAll();
        assertThat(transport.received()).hasSize(1);
        store.finishWrite();
        runAll();
        assertThat(transport.received().subList(1, 3)).containsExactly(key + "0801", key + "0801");
    }

    @Test
    void unauthenticatedHocuspocusClientIsClosed() {
        FrameRecorder transport = new FrameRecorder();
        Hub hub = new Hub(Settings.read(Limits.class, name -> null), "h", tasks::add, 1, time);
        HocuspocusConnections connections = hocuspocus();
        connections.open(hub.connect(transport, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted("")), false);
        time.nanos += 29_000_000_000L;
        connections.tick();
        assertThat(transport.closeCode()).isNull();
        assertThat(transport.received()).isEmpty();
        time.nanos += 1_000_000_000L;
        connections.tick();
        assertThat(transport.closeCode()).isEqualTo(CloseCode.AUTHENTICATION_TIMEOUT);
    }

    @Test
    void updatesDuringAPauseAreBroadcastTogether() {
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            peers.add(new Peer("a"));
        }
        store.completeLoad(null);
        runAll();
        peers.forEach(Peer::received);
        Peer reader = peers.get(1);
        peers.get(0).send(letter(1, 0));
        runAll();
        assertThat(reader.received()).hasSize(1); // the first at once
        peers.get(0).send(letter(1, 1));
        peers.get(0).send(letter(1, 2));
        runAll();
        assertThat(reader.received()).isEmpty();
        time.nanos += 640_000; // 40 µs for each of 16
        tasks.addAll(delayed);
        runAll();
        assertThat(reader.received()).hasSize(1);
    }

    @Test
    void smallDocumentRunsOnTheReceivingThread() {
        Peer writer = new Peer("a");
        Peer reader = new Peer("a");
        store.completeLoad(null);
        runAll();
        reader.received();
        writer.send(letter(1, 0));
        assertThat(tasks).isEmpty();
        assertThat(reader.received()).hasSize(1);
    }

    @Test
    void concurrentAuthorsReceiveEachOtherAtOnce() {
        Peer first = new Peer("a");
        Peer second = new Peer("a");
        Peer reader = new Peer("a");
        store.completeLoad(null);
        store.isSlow = true;
        runAll();
        List.of(first, second, reader).forEach(Peer::received);
        Peer another = new Peer("a"); // its opening waits for a run, and so do the updates
        first.send(letter(1, 0));
        second.send(letter(2, 0));
        runAll();
        assertThat(another.received()).hasSize(2);
        assertThat(first.received()).containsExactly(letter(2, 0));
        assertThat(second.received()).containsExactly(letter(1, 0));
        assertThat(reader.received()).hasSize(1);
        store.finishWrite();
        runAll();
        assertThat(first.received()).containsExactly(letter(1, 0));
        assertThat(second.received()).containsExactly(letter(2, 0));
        assertThat(reader.received()).isEmpty();
        assertThat(store.rows).hasSize(1);
    }

    @Test
    void updatesOfARunAreStoredAndBroadcastAsOne() {
        Peer first = new Peer("a");
        Peer second = new Peer("a");
        Peer reader = new Peer("a");
        store.completeLoad(null);
        runAll();
        reader.received();
        Peer another = new Peer("a"); // its opening waits for a run, and so do the updates
        first.send(letter(1, 0));
        second.send(letter(2, 0));
        second.send(letter(2, 1));
        runAll();
        assertThat(store.rows).hasSize(1);
        assertThat(reader.received()).containsExactly(message(store.rows.get(0).substring(1)));
        assertThat(another.closedWith).isNull();
    }

    @Test
    void updatesDuringAWriteGoIntoTheNext() {
        Peer writer = new Peer("a");
        store.completeLoad(null);
        store.isSlow = true;
        for (int clock = 0; clock < 4; clock++) {
            writer.send(letter(1, clock));
            runAll();
        }
        writer.send(letter(1, 0)); // again: acknowledged only with the write that has it
        runAll();
        assertThat(store.rows).hasSize(1);
        assertThat(writer.received()).containsExactly(SYNC_STEP_1);
        store.finishWrite();
        runAll();
        assertThat(store.rows).hasSize(2);
        assertThat(writer.received()).containsExactly(letter(1, 0));
        store.finishWrite();
        runAll();
        assertThat(writer.received()).hasSize(4);
    }

    @Test
    void failedWriteIsRepeatedBeforeAcknowledgement() throws Exception {
        Peer writer = new Peer("a");
        store.completeLoad(null);
        store.isSlow = true;
        writer.send(letter(1, 0));
        writer.send(MARK);
        runAll();
        writer.received();
        store.failWrite();
        runAll();
        writer.send(letter(1, 1));
        runAll();
        assertThat(writer.received()).isEmpty();
        assertThat(store.writes).isEmpty(); // the retry is delayed
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
        assertThat(writer.received()).containsExactlyInAnyOrder(letter(1, 0), letter(1, 1), MARK);
        asked = documents.stored("a");
        runAll();
        stored = asked.toCompletableFuture().get();
        assertThat(stored.failure()).isNull();
        assertThat(stored.isComplete()).isTrue();
        assertThat(stored.stateVector()).containsExactly(1, 1, 2);
    }

    @Test
    void documentStaysLiveUntilItIsStored() throws Exception {
        Peer writer = new Peer("a");
        store.completeLoad(null);
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
        Peer next = new Peer("a"); // finds the document live
        runAll();
        assertThat(next.received()).containsExactly("000003010101");
        next.client.disconnected();
        runAll();
        assertThat(documents.count()).isOne();
        store.finishWrite();
        runAll();
        assertThat(documents.count()).isZero();
        assertThat(store.loads).hasSize(1);
    }

    @Test
    void slowAuthorIsNotAcknowledgedEarly() {
        Peer slow = new Peer("a");
        Peer writer = new Peer("a");
        store.completeLoad(null);
        store.isSlow = true;
        runAll();
        slow.received();
        slow.isSlow = true;
        slow.send(letter(2, 0));
        for (int clock = 0; clock < 20; clock++) {
            writer.send(letter(1, clock));
            runAll();
        }
        slow.received();
        slow.read();
        runAll();
        assertThat(slow.received()).isEmpty();
        while (!store.writes.isEmpty()) {
            store.finishWrite();
            runAll();
        }
        writer.received();
        writer.send("00000100");
        runAll();
        String whole = writer.received().get(0);
        assertThat(slow.received().get(0).substring(4)).isEqualTo(whole.substring(4));
    }

    private CompletableFuture<Void> apply(String update) {
        CompletableFuture<Void> stored = documents
                .apply("a", HexFormat.of().parseHex(update), "192.0.2.1")
                .toCompletableFuture();
        runAll();
        return stored;
    }

    @Test
    void updateWithoutAConnectionIsStoredAndUnloaded() {
        CompletableFuture<Void> stored = apply(UPDATE);
        store.isSlow = true;
        store.completeLoad(null);
        runAll();
        assertThat(stored).isNotDone();
        assertThat(documents.count()).isOne();

        store.finishWrite();
        runAll();
        assertThat(stored).isCompleted();
        assertThat(store.rows).containsExactly("+" + UPDATE);
        assertThat(documents.count()).isZero();
        assertThat(budget.usedBytes(Budget.Share.DOCUMENTS)).isZero();
        assertThat(budget.usedBytes(Budget.Share.RECEIPTS)).isZero();
        assertThat(budget.usedBytes(Budget.Share.INPUT)).isZero();
    }

    @Test
    void updateWithoutAConnectionReachesMembersAtOnce() {
        Peer peer = new Peer("a");
        store.completeLoad(null);
        store.isSlow = true;
        runAll();
        peer.received();

        CompletableFuture<Void> stored = apply(UPDATE);
        assertThat(peer.received()).containsExactly(UPDATE_MESSAGE);
        CompletableFuture<Void> repeated = apply(UPDATE);
        assertThat(peer.received()).isEmpty();
        assertThat(stored).isNotDone();
        assertThat(repeated).isNotDone();

        store.finishWrite();
        runAll();
        assertThat(stored).isCompleted();
        assertThat(repeated).isCompleted();
        assertThat(apply(UPDATE)).isCompleted();
        assertThat(store.rows).hasSize(1);
    }

    @Test
    void faultyUpdateWithoutAConnectionChangesNothing() {
        documents = documents(Map.of("max-document-bytes", "1000"));
        Peer peer = new Peer("a");
        store.completeLoad(null);
        runAll();
        peer.received();

        assertThat(apply("0101"))
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(IllegalArgumentException.class);
        assertThat(apply(text(1, 2_000)))
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        LimitException.class,
                        refused -> assertThat(refused.breach()).isEqualTo(LimitBreach.DOCUMENT_BYTES));
        assertThat(peer.received()).isEmpty();
        assertThat(peer.closedWith).isNull();
        assertThat(store.rows).isEmpty();
    }

    @Test
    void updateWithoutAConnectionFailsWithTheStore() {
        Peer peer = new Peer("a");
        store.completeLoad(null);
        store.isSlow = true;
        CompletableFuture<Void> stored = apply(UPDATE);
        store.failWrite();
        runAll();
        assertThat(stored)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(StoreException.class)
                .withMessage("no space is left");
        peer.received();
        CompletableFuture<Void> refused = apply(text(2, 1));
        assertThat(refused).isCompletedExceptionally();
        assertThat(peer.received()).isEmpty();

        time.nanos += 300_000_000;
        documents.tick();
        runAll();
        store.finishWrite();
        runAll();
        assertThat(apply(UPDATE)).isCompleted();
        assertThat(store.rows).allMatch(row -> row.equals("+" + UPDATE));
    }

    @Test
    void updateWithoutAConnectionFailsWithTheLoad() {
        CompletableFuture<Void> stored = apply(UPDATE);
        store.loads.get(0).completeExceptionally(new StoreException("provoked"));
        runAll();

        assertThat(stored).isCompletedExceptionally();
        assertThat(documents.count()).isZero();
    }

    @Test
    void callersThatSendTooMuchAreRefused() {
        documents = documents(Map.of("max-room-queued-bytes", "20"));
        CompletableFuture<Void> first = apply(UPDATE);
        CompletableFuture<Void> second = apply(text(2, 20));
        assertThat(second).isCompletedExceptionally();

        store.completeLoad(null);
        runAll();
        assertThat(first).isCompleted();
        assertThat(documents.count()).isZero();
    }

    @Test
    void parkedUpdateWithoutAConnectionIsStored() {
        Peer peer = new Peer("a");
        store.completeLoad(null);
        runAll();
        peer.received();

        assertThat(apply(letter(1, 1).substring(6))).isCompleted();
        assertThat(store.rows).hasSize(1);
        assertThat(apply(letter(1, 0).substring(6))).isCompleted();

        CompletionStage<Documents.Stored> stored = documents.stored("a");
        runAll();
        assertThat(stored.toCompletableFuture().join().stateVector()).containsExactly(1, 1, 2);
        assertThat(peer.received()).containsExactly(letter(1, 1), letter(1, 0));
    }

    @Test
    void longTailIsFoldedIntoAState() {
        Peer writer = new Peer("a");
        store.completeLoad(null);
        int clock = 0;
        while (store.rows.stream().noneMatch(rows -> rows.startsWith("="))) {
            writer.send(letter(1, clock++));
            runAll();
        }
        assertThat(clock).isBetween(1300, 1500); // updates of 12 bytes or a few more
        int states = 0;
        for (int more = 0; more < 3000; more++) {
            writer.send(letter(1, clock++));
            runAll();
        }
        for (String rows : store.rows) {
            states += rows.startsWith("=") ? 1 : 0;
        }
        assertThat(states).isBetween(3, 4);
        store.rows.clear();
        writer.send(letter(1, clock));
        writer.client.disconnected();
        runAll();
        assertThat(documents.count()).isZero();
    }

    private static final String FOREIGN_UPDATE = letter(9, 0).substring(6);

    /** Types until a state is written; returns the next clock. */
    private int typeUntilState(Peer writer, int from) {
        store.rows.clear();
        int clock = from;
        while (store.rows.stream().noneMatch(rows -> rows.startsWith("="))) {
            writer.send(letter(1, clock++));
            runAll();
        }
        return clock;
    }

    @Test
    void rowsOfAnotherServerAreMergedAndBroadcast() {
        Peer writer = new Peer("a");
        Peer reader = new Peer("a");
        store.completeLoad(null);
        store.addRowOfOtherServer(FOREIGN_UPDATE);
        long foreign = store.lastId;
        int clock = typeUntilState(writer, 0);
        assertThat(store.covered).hasSize(clock - 1).doesNotContain(foreign);
        assertThat(String.join("", reader.received())).contains(FOREIGN_UPDATE.substring(4, 20));
        assertThat(String.join("", writer.received())).contains(FOREIGN_UPDATE.substring(4, 20));
        typeUntilState(writer, clock);
        assertThat(store.covered).contains(foreign);
    }

    @Test
    void stateIsWrittenWholeWhenItsBaseIsGone() {
        Peer writer = new Peer("a");
        store.completeLoad(null);
        store.isBaseGone = true;
        store.addRowOfOtherServer(FOREIGN_UPDATE);
        long foreign = store.lastId;
        int clock = typeUntilState(writer, 0);
        store.isSlow = true;
        writer.received();
        runAll();
        store.rows.clear();
        writer.send(letter(1, clock));
        runAll();
        assertThat(store.rows).hasSize(1).first().asString().startsWith("=").contains(FOREIGN_UPDATE.substring(4, 20));
        assertThat(store.covered).containsExactly(foreign);
        store.finishWrite();
        runAll();
        store.rows.clear();
        writer.send(letter(1, clock + 1));
        runAll();
        assertThat(store.rows).hasSize(1).first().asString().startsWith("+");
    }

    @Test
    void documentDeletedElsewhereIsNotFolded() {
        Peer writer = new Peer("a");
        store.completeLoad(null);
        for (int clock = 0; clock < 200; clock++) { // a longer tail than may stay beside the state
            writer.send(letter(1, clock));
            runAll();
        }
        store.rows.clear();
        store.isBaseGone = true;
        writer.client.disconnected();
        runAll();
        assertThat(store.rows).hasSize(1).first().asString().startsWith("=");
        assertThat(documents.count()).isZero();
    }

    @Test
    void documentOpenedDuringItsDeletionIsEmpty() throws Exception {
        Peer writer = new Peer("a");
        store.completeLoad(UPDATE);
        runAll();
        assertThat(documents.delete("a").toCompletableFuture().get()).isEqualTo(Documents.Deletion.OPEN);
        writer.client.disconnected();
        runAll();
        store.deletion = new CompletableFuture<>();
        var deletion = documents.delete("a").toCompletableFuture();
        Peer early = new Peer("a");
        runAll();
        store.completeLoad(UPDATE);
        runAll();
        assertThat(early.received()).isEmpty();
        store.deletion.complete(true);
        runAll();
        assertThat(deletion.get()).isEqualTo(Documents.Deletion.DELETED);
        assertThat(early.received()).containsExactly(SYNC_STEP_1);
        early.client.disconnected();
        runAll();
        assertThat(documents.count()).isZero();
        assertThat(store.loads).hasSize(2);
    }

    @Test
    void failureToSendToOneMemberSparesOthers() {
        Peer faulty = new Peer("a");
        Peer writer = new Peer("a");
        Peer reader = new Peer("a");
        store.completeLoad(null);
        runAll();
        reader.received();
        faulty.isFaulty = true;
        writer.send(letter(1, 0));
        runAll();
        writer.send(letter(1, 1));
        runAll();
        assertThat(reader.received()).containsExactly(letter(1, 0), letter(1, 1));
        assertThat(store.rows).hasSize(2);
        assertThat(reader.closedWith).isNull();
    }

    @Test
    void errorOfTheStoreDoesNotEndStoring() {
        Peer writer = new Peer("a");
        store.completeLoad(null);
        runAll();
        writer.received();
        store.isFaulty = true;
        writer.send(letter(1, 0));
        runAll();
        assertThat(writer.received()).isEmpty();
        store.isFaulty = false;
        time.nanos += 300_000_000;
        documents.tick();
        runAll();
        assertThat(store.rows).hasSize(1);
        assertThat(writer.received()).containsExactly(letter(1, 0));
    }

    @Test
    void clockFindsALostEndOfAWrite() {
        Peer writer = new Peer("a");
        store.completeLoad(null);
        store.isSlow = true;
        runAll();
        writer.send(letter(1, 0));
        runAll();
        writer.received();
        isFaulty = true; // the run after the write cannot be scheduled
        store.finishWrite();
        isFaulty = false;
        documents.tick();
        runAll();
        assertThat(writer.received()).containsExactly(letter(1, 0));
    }

    @Test
    void failedTickOfOneDocumentSparesOthers() {
        for (String name : List.of("a", "b")) {
            Peer writer = new Peer(name);
            store.completeLoad(null);
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
        assertThat(store.rows).hasSize(2);
    }

    @Test
    void markIsNotConfirmedAfterAnIgnoredUpdate() {
        Peer reader = new Peer("a", true);
        store.completeLoad(null);
        runAll();
        reader.received();
        reader.send(MARK);
        runAll();
        assertThat(reader.received()).containsExactly(MARK);
        reader.send(letter(1, 0));
        reader.send(MARK);
        runAll();
        assertThat(reader.received()).isEmpty();
    }

    @Test
    void documentOpensWhenTheRightsAreKnown() {
        SlowPermissions slow = new SlowPermissions();
        Peer ben = new Peer("a");
        store.completeLoad(null);
        Peer eve = new Peer("a", slow);
        eve.send(UPDATE_MESSAGE);
        runAll();
        assertThat(eve.received()).isEmpty();
        slow.answer("a", EnumSet.of(Action.READ, Action.WRITE));
        runAll();

        assertThat(eve.received()).isNotEmpty();
        assertThat(ben.received()).anyMatch(frame -> frame.startsWith("0002"));
    }

    @Test
    void unknownRightsCloseWithTryLaterAndLoadNothing() {
        SlowPermissions slow = new SlowPermissions();
        Peer eve = new Peer("a", slow);
        slow.fail("a");
        runAll();

        assertThat(eve.closedWith).isEqualTo(CloseCode.TRY_LATER);
        assertThat(documents.count()).isZero();
    }
}
