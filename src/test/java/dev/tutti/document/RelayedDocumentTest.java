package dev.tutti.document;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.event.Events;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
import dev.tutti.security.Access;
import dev.tutti.security.UnavailableException;
import dev.tutti.settings.Settings;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** One document on two servers with one store. */
class RelayedDocumentTest {
    /** Client 1 writes "hi" into the text "t". */
    private static final String HI = "010101000401" + "0174" + "026869" + "00";

    /** Client 2 writes "yo". */
    private static final String YO = "010102000401" + "0174" + "02796f" + "00";

    /** Client 3 writes "ok". */
    private static final String OK = "010103000401" + "0174" + "026f6b" + "00";

    /** A confirmation of Hocuspocus's kind, which clients of y-websocket may ask for. */
    private static final String MARK = "660101";

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    /** Tasks of the timer, until time passes. */
    private final Queue<Runnable> delayed = new ArrayDeque<>();

    private final TestTime time = new TestTime();
    private final MemoryStore rows = new MemoryStore(() -> 0);
    private boolean loses;
    private final SimulatedRelay relay = new SimulatedRelay(tasks::add, () -> loses);
    private final Server a = new Server();
    private final Server b = new Server();

    /** The rows that all servers share; one server may wait for its appends. */
    private final class Store implements DocumentStore {
        private final Queue<Runnable> held = new ArrayDeque<>();
        private boolean isSlow;

        @Override
        public CompletionStage<List<StoredUpdate>> load(String name) {
            return rows.load(name);
        }

        @Override
        public CompletionStage<Long> append(String name, byte[] update) {
            if (!isSlow) {
                return rows.append(name, update);
            }
            CompletableFuture<Long> id = new CompletableFuture<>();
            held.add(() ->
                    id.complete(rows.append(name, update).toCompletableFuture().join()));
            return id;
        }

        @Override
        public CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered) {
            return rows.replace(name, state, covered);
        }

        @Override
        public CompletionStage<Boolean> delete(String name) {
            return rows.delete(name);
        }

        @Override
        public CompletionStage<DocumentMove.Result> move(DocumentMove move) {
            return rows.move(move);
        }

        @Override
        public CompletionStage<List<StoredDocument>> list(String prefix, String after, int max) {
            return rows.list(prefix, after, max);
        }

        void finish() {
            isSlow = false;
            held.forEach(Runnable::run);
            held.clear();
        }

        @Override
        public void close() {}
    }

    private final class Server {
        private final SimulatedRelay.Server channel = relay.newServer();
        private final Store store = new Store();
        private final Hub hub;
        private final Documents documents;
        private boolean isDead;
        private int gaps;

        Server() {
            this(Map.of());
        }

        Server(Map<String, String> settings) {
            Limits limits = Settings.read(Limits.class, settings::get);
            hub = new Hub(limits, "h", this::execute, 1, time);
            documents = new Documents(
                    limits,
                    hub.budget(),
                    store,
                    this::execute,
                    time,
                    (task, nanos) -> delayed.add(task),
                    new Events(),
                    new DocumentMetrics() {
                        @Override
                        public void gapFound() {
                            gaps++;
                        }
                    },
                    channel);
        }

        private void execute(Runnable task) {
            tasks.add(() -> {
                if (!isDead) {
                    task.run();
                }
            });
        }

        void die() {
            isDead = true;
            channel.kill();
        }
    }

    private final class Peer extends FrameRecorder {
        private final Client client;
        private final YWebsocketConnection connection;

        Peer(Server server) {
            client = server.hub.connect(this, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted(""));
            connection = YWebsocketConnection.open(server.documents, "a", client, false, DocumentMember.NO_COPY);
            settle();
            received().clear();
        }

        void send(String hex) {
            connection.receive(HexFormat.of().parseHex(hex));
        }

        void update(String update) {
            send("0002" + HexFormat.of().toHexDigits((byte) (update.length() / 2)) + update);
        }

        void awareness(long id, long clock, String state) {
            Lib0Writer entries = new Lib0Writer();
            entries.writeVarUint(1);
            entries.writeVarUint(id);
            entries.writeVarUint(clock);
            entries.writeVarString(state);
            Lib0Writer frame = new Lib0Writer();
            frame.writeVarUint(1);
            frame.writeVarBytes(entries.toByteArray());
            connection.receive(frame.toByteArray());
        }

        void leave() {
            connection.closedCleanly();
            client.disconnected();
        }

        /** Returns the updates that have arrived since the last call. */
        List<String> updates() {
            List<String> updates = received().stream()
                    .filter(frame -> frame.startsWith("0002"))
                    .map(frame -> frame.substring(6))
                    .toList();
            received().clear();
            return updates;
        }

        /** Returns whether a frame of awareness has a text. */
        boolean hasAwareness(String text) {
            String hex = HexFormat.of().formatHex(text.getBytes(UTF_8));
            return received().stream().anyMatch(frame -> frame.startsWith("01") && frame.contains(hex));
        }

        boolean isConfirmed() {
            return received().contains(MARK);
        }
    }

    private void settle() {
        for (Runnable task; (task = tasks.poll()) != null; ) {
            task.run();
        }
    }

    /** Lets seconds pass, with two ticks in each. */
    private void pass(int seconds) {
        for (int i = 0; i < 2 * seconds; i++) {
            time.nanos += 500_000_000;
            tasks.addAll(delayed);
            delayed.clear();
            a.documents.tick();
            b.documents.tick();
            settle();
        }
    }

    private List<String> stored() {
        return rows.load("a").toCompletableFuture().join().stream()
                .map(row -> HexFormat.of().formatHex(row.update()))
                .toList();
    }

    @Test
    void changesReachClientsOfOtherServers() {
        Peer writer = new Peer(a);
        Peer reader = new Peer(b);
        writer.update(HI);
        settle();
        assertThat(reader.updates()).containsExactly(HI);
        reader.update(YO);
        settle();
        assertThat(writer.updates()).contains(YO);
        pass(10);
        assertThat(stored()).containsExactly(HI, YO);
    }

    @Test
    void documentOfOneServerSendsNothing() {
        Peer writer = new Peer(a);
        int before = relay.sent();
        writer.update(HI);
        settle();
        pass(5);
        assertThat(relay.sent()).isEqualTo(before);
    }

    @Test
    void newcomerReceivesChangesThatAreNotStored() {
        a.store.isSlow = true;
        Peer writer = new Peer(a);
        writer.update(HI);
        settle();
        Peer reader = new Peer(b);
        reader.send("00000100");
        settle();
        assertThat(reader.received()).anyMatch(frame -> frame.endsWith(HI));
    }

    @Test
    void updateOverHttpAtAnotherServerReachesMembers() {
        Peer reader = new Peer(a);
        var unused = b.documents.apply("a", HexFormat.of().parseHex(HI), "");
        settle();
        assertThat(b.documents.count()).isZero();
        assertThat(reader.updates()).containsExactly(HI);
    }

    @Test
    void changeThatADeadServerCouldNotSendIsReadFromTheStore() {
        Peer reader = new Peer(a);
        Peer writer = new Peer(b);
        loses = true;
        writer.update(HI);
        settle();
        b.die();
        loses = false;
        pass(Math.toIntExact(Peers.SILENCE_NANOS / 1_000_000_000) + 4);
        assertThat(reader.updates()).containsExactly(HI);
    }

    @Test
    void lostMessageIsFoundAndRepaired() {
        Peer writer = new Peer(a);
        Peer reader = new Peer(b);
        loses = true;
        writer.update(HI);
        settle();
        loses = false;
        assertThat(reader.updates()).isEmpty();
        writer.update(YO);
        settle();
        assertThat(reader.updates()).contains(YO, HI);
        assertThat(List.of(a.gaps, b.gaps)).containsExactly(0, 1);
    }

    @Test
    void lossOfTheLastMessageIsFound() {
        Peer writer = new Peer(a);
        Peer reader = new Peer(b);
        loses = true;
        writer.update(HI);
        settle();
        loses = false;
        pass(5);
        assertThat(reader.updates()).contains(HI);
    }

    @Test
    void differenceWithoutAGapIsFoundNowAndThen() {
        Peer writer = new Peer(a);
        Peer reader = new Peer(b);
        loses = true;
        writer.update(HI);
        settle();
        loses = false;
        long origin = 1; // of the first copy
        var unused = a.channel.send(
                "a",
                new RelayMessage.Changes(origin, new RelayMessage.Progress(1, 1), new byte[0], new byte[] {0}, false)
                        .encode());
        settle();
        pass(10);
        assertThat(reader.updates()).isEmpty();
        pass(80);
        assertThat(reader.updates()).containsExactly(HI);
    }

    @Test
    void serversThatWereCutOffAreBroughtTogether() {
        Peer first = new Peer(a);
        Peer second = new Peer(b);
        a.channel.disconnect();
        b.channel.disconnect();
        first.update(HI);
        second.update(YO);
        settle();
        pass(20);
        assertThat(stored()).containsExactlyInAnyOrder(HI, YO);
        a.channel.connect();
        b.channel.connect();
        settle();
        pass(2);
        assertThat(first.updates()).contains(YO);
        assertThat(second.updates()).contains(HI);
    }

    @Test
    void changeOfADeadServerIsStoredByAnother() {
        a.store.isSlow = true;
        Peer writer = new Peer(a);
        Peer reader = new Peer(b);
        writer.update(HI);
        settle();
        assertThat(reader.updates()).containsExactly(HI);
        a.die();
        assertThat(stored()).isEmpty();
        pass(6);
        assertThat(stored()).containsExactly(HI);
    }

    @Test
    void changeOfADeadServerIsStoredWhenTheDocumentIsClosed() {
        a.store.isSlow = true;
        Peer writer = new Peer(a);
        Peer reader = new Peer(b);
        writer.update(HI);
        settle();
        a.die();
        reader.leave();
        settle();
        assertThat(stored()).containsExactly(HI);
        assertThat(b.documents.count()).isZero();
        assertThat(b.hub.budget().usedBytes(Budget.Share.RECEIPTS)).isZero();
    }

    @Test
    void reportedChangeIsStoredOnce() {
        Peer writer = new Peer(a);
        new Peer(b);
        writer.update(HI);
        settle();
        pass(10);
        assertThat(stored()).containsExactly(HI);
    }

    @Test
    void repeatedChangeIsConfirmedWhenItIsStored() {
        a.store.isSlow = true;
        b.store.isSlow = true;
        Peer writer = new Peer(a);
        Peer moved = new Peer(b);
        writer.update(HI);
        settle();
        moved.update(OK); // another change confirms nothing of the first
        moved.send(MARK);
        settle();
        b.store.finish();
        settle();
        assertThat(moved.isConfirmed()).isTrue();
        assertThat(stored()).containsExactly(OK);

        b.store.isSlow = true;
        moved.received().clear();
        moved.update(HI); // as a client does that has lost its connection to the first server
        moved.send(MARK);
        settle();
        assertThat(moved.isConfirmed()).isFalse();
        b.store.finish();
        settle();
        assertThat(moved.isConfirmed()).isTrue();
        assertThat(stored()).containsExactly(OK, HI);
    }

    @Test
    void statusLeavesOutWhatOthersMayNotHaveStored() {
        a.store.isSlow = true;
        Peer writer = new Peer(a);
        new Peer(b);
        writer.update(HI);
        settle();
        CompletionStage<Documents.Stored> status = b.documents.stored("a");
        settle();
        Documents.Stored stored = status.toCompletableFuture().join();
        assertThat(stored.isComplete()).isFalse();
        assertThat(stored.stateVector()).containsExactly(0);
    }

    @Test
    void awarenessReachesOtherServersAndEndsWithItsServer() {
        Peer first = new Peer(a);
        Peer second = new Peer(b);
        second.awareness(20, 1, "{\"name\":\"Ben\"}");
        first.awareness(10, 1, "{\"name\":\"Ann\"}");
        settle();
        assertThat(second.hasAwareness("Ann")).isTrue();
        assertThat(first.hasAwareness("Ben")).isTrue();
        second.received().clear();
        a.die();
        pass(Math.toIntExact(Peers.SILENCE_NANOS / 1_000_000_000) + 4);
        assertThat(second.hasAwareness("null")).isTrue();
    }

    @Test
    void cleanLeaveRemovesTheStateEverywhere() {
        Peer first = new Peer(a);
        Peer second = new Peer(b);
        second.awareness(20, 1, "{\"name\":\"Ben\"}");
        first.awareness(10, 1, "{\"name\":\"Ann\"}");
        settle();
        second.received().clear();
        first.leave();
        settle();
        pass(5);
        assertThat(second.hasAwareness("null")).isTrue();
    }

    @Test
    void clientThatReconnectsToAnotherServerKeepsItsState() {
        Peer first = new Peer(a);
        Peer second = new Peer(b);
        Peer third = new Peer(a);
        second.awareness(20, 1, "{\"name\":\"Ben\"}");
        third.awareness(30, 1, "{\"name\":\"Cid\"}");
        first.awareness(10, 1, "{\"name\":\"Ann\"}");
        settle();
        first.client.disconnected(); // broken
        settle();
        Peer again = new Peer(b);
        again.awareness(10, 2, "{\"name\":\"Ann again\"}");
        settle();
        assertThat(third.hasAwareness("Ann again")).isTrue();
        third.received().clear();
        second.received().clear();
        pass(10);
        assertThat(third.hasAwareness("null")).isFalse();
        assertThat(second.hasAwareness("null")).isFalse();
    }

    @Test
    void echoOfAnotherServersClientClaimsNothing() {
        Peer first = new Peer(a);
        Peer second = new Peer(b);
        second.awareness(20, 1, "{\"name\":\"Ben\"}");
        first.awareness(10, 1, "{\"name\":\"Ann\"}");
        settle();
        second.awareness(10, 9, "{\"name\":\"Eve\"}");
        settle();
        assertThat(first.hasAwareness("Eve")).isFalse();
        second.leave();
        first.received().clear();
        settle();
        first.awareness(10, 2, "{\"name\":\"Ann 2\"}");
        settle();
        assertThat(first.hasAwareness("Ann 2")).isTrue();
    }

    @Test
    void openDocumentIsNotDeletedByAnotherServer() {
        Peer writer = new Peer(a);
        writer.update(HI);
        settle();
        assertThat(delete(b)).isEqualTo(Documents.Deletion.OPEN);
        writer.leave();
        settle();
        assertThat(delete(b)).isEqualTo(Documents.Deletion.DELETED);
        assertThat(stored()).isEmpty();
    }

    private Documents.Deletion delete(Server at) {
        CompletableFuture<Documents.Deletion> deletion =
                at.documents.delete("a").toCompletableFuture();
        settle();
        return deletion.join();
    }

    @Test
    void deletedDocumentIsClosedOnOtherServers() {
        Peer writer = new Peer(a);
        writer.update(HI);
        settle();
        var unused = b.channel.send(
                "a", new RelayMessage.Deleted(99).encode()); // it was opened just after the question whether it is
        settle();
        assertThat(writer.closeReason()).isEqualTo("the document was deleted");
    }

    @Test
    void copyOfADeletedDocumentIsRefusedOnEveryServer() {
        Peer writer = new Peer(a);
        writer.update(HI);
        settle();
        writer.leave();
        settle();
        assertThat(delete(b)).isEqualTo(Documents.Deletion.DELETED);
        Peer copy = new Peer(a);
        copy.update(HI);
        settle();
        assertThat(copy.closeReason()).isEqualTo(Incarnation.DELETED);
        assertThat(stored()).isEmpty();
        copy.leave();
        settle();
        CompletableFuture<Trash.Restoration> restored =
                a.documents.trash().restore("a", OptionalLong.empty(), "a").toCompletableFuture();
        settle();
        assertThat(restored.join()).isEqualTo(Trash.Restoration.RESTORED);
        assertThat(stored()).isNotEmpty();
        assertThat(new Peer(b).closeCode()).isNull();
    }

    @Test
    void documentOpenElsewhereIsNotReplacedByARestoredOne() {
        Peer writer = new Peer(a);
        writer.update(HI);
        settle();
        writer.leave();
        settle();
        delete(b);
        Peer next = new Peer(a);
        CompletableFuture<Trash.Restoration> restored =
                b.documents.trash().restore("a", OptionalLong.empty(), "a").toCompletableFuture();
        settle();
        assertThat(restored.join()).isEqualTo(Trash.Restoration.OPEN);
        assertThat(next.closeCode()).isNull();
    }

    @Test
    void nothingIsDeletedWhileOthersCannotBeAsked() {
        a.channel.disconnect();
        CompletableFuture<Documents.Deletion> deletion = a.documents.delete("a").toCompletableFuture();
        settle();
        assertThatThrownBy(deletion::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(UnavailableException.class);
    }

    @Test
    void largeDifferenceIsReadFromTheStore() {
        Peer writer = new Peer(a);
        Peer reader = new Peer(b);
        b.channel.disconnect();
        byte[] large = large();
        var unused = a.documents.apply("a", large, "");
        settle();
        b.channel.connect();
        settle();
        pass(4);
        CompletableFuture<byte[]> content =
                b.documents.content("a", new byte[] {0}).toCompletableFuture();
        settle();
        assertThat(Arrays.equals(content.join(), large)).isTrue();
        assertThat(reader.closeCode()).isNull();
        assertThat(writer.closeCode()).isNull();
    }

    @Test
    void largeChangeReachesOthersByTheStore() {
        new Peer(a);
        new Peer(b);
        byte[] large = large();
        var unused = a.documents.apply("a", large, "");
        settle();
        pass(4);
        CompletableFuture<byte[]> content =
                b.documents.content("a", new byte[] {0}).toCompletableFuture();
        settle();
        assertThat(Arrays.equals(content.join(), large)).isTrue();
    }

    private static byte[] large() {
        return text(4, RelayQueue.MAX_BYTES + 1);
    }

    /** Returns an update by which a client writes a text. */
    private static byte[] text(int client, int length) {
        Lib0Writer update = new Lib0Writer();
        update.write(new byte[] {1, 1, (byte) client, 0, 4, 1, 1, 't'});
        update.writeVarString("x".repeat(length));
        update.writeVarUint(0);
        return update.toByteArray();
    }

    @Test
    void changeWithoutMemoryClosesTheLocalCopyOnly() {
        Server small = new Server(Map.of("memory-budget", "3000000"));
        Peer writer = new Peer(a);
        Peer reader = new Peer(small);
        var unused = a.documents.apply("a", text(4, 550_000), "");
        settle();
        assertThat(reader.closeCode()).isNull();
        var unusedToo = a.documents.apply("a", text(5, 550_000), "");
        settle();
        assertThat(reader.closeReason()).isEqualTo("the server has no memory left for this");
        assertThat(writer.closeCode()).isNull();
    }

    @Test
    void messageOfAnotherVersionIsIgnored() {
        Peer writer = new Peer(a);
        Peer reader = new Peer(b);
        for (byte[] message : List.of(new byte[] {2, 'c', 1}, new byte[0], new byte[] {RelayMessage.VERSION, 'x', 1})) {
            var unused = b.channel.send("a", message);
        }
        settle();
        writer.update(HI);
        settle();
        assertThat(reader.updates()).containsExactly(HI);
    }

    @Test
    void serversMakeOneVersionOfAQuarter() {
        Peer first = new Peer(a);
        Peer second = new Peer(b);
        first.update(HI);
        second.update(YO);
        settle();
        pass(16 * 60);
        List<Version> versions =
                a.documents.versions().list("a").toCompletableFuture().join();
        assertThat(versions).singleElement().satisfies(version -> {
            assertThat(version.isAutomatic()).isTrue();
            assertThat(version.writers().hasGuests()).isTrue();
            byte[] state = b.documents
                    .versions()
                    .content("a", version.id())
                    .toCompletableFuture()
                    .join()
                    .orElseThrow();
            assertThat(HexFormat.of().formatHex(state)).contains("6869", "796f");
        });
    }
}
