package dev.tutti.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.Documents.Deletion;
import dev.tutti.document.Trash.Restoration;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.protocol.FakeTokens;
import dev.tutti.protocol.hocuspocus.HocuspocusConnection;
import dev.tutti.protocol.hocuspocus.HocuspocusConnections;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
import dev.tutti.security.Access;
import dev.tutti.settings.Settings;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Deletions, the trash, and editors with copies of deleted documents. */
class DeletedDocumentTest {
    /** Client 1 writes "hi" into the text "t", and client 2 "yo". */
    private static final String HI = "010101000401" + "0174" + "026869" + "00";

    private static final String YO = "010102000401" + "0174" + "02796f" + "00";

    /** A sync step 1 of an editor that has nothing, of one that has "hi", and of one that has "yo". */
    private static final String HAS_NOTHING = "00000100";

    private static final String HAS_HI = "000003010102";
    private static final String HAS_YO = "000003010202";

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final TestTime time = new TestTime();
    private final MemoryStore store = new MemoryStore(() -> time.millis());
    private Hub hub = new Hub(limits(Map.of()), "h", tasks::add, 1, time);
    private Documents documents = documents(Map.of());

    DeletedDocumentTest() {
        time.advance(Duration.ofDays(20_000));
    }

    private static Limits limits(Map<String, String> settings) {
        return Settings.read(Limits.class, settings::get);
    }

    private Documents documents(Map<String, String> settings) {
        hub = new Hub(limits(settings), "h", tasks::add, 1, time);
        return new Documents(limits(settings), hub.budget(), store, tasks::add, time, (task, nanos) -> tasks.add(task));
    }

    private void runAll() {
        for (Runnable task; (task = tasks.poll()) != null; ) {
            task.run();
        }
    }

    private <T> T await(CompletionStage<T> stage) {
        runAll();
        return stage.toCompletableFuture().join();
    }

    /** A client of y-websocket. */
    private final class Peer extends FrameRecorder {
        private final Client client;
        private final @Nullable YWebsocketConnection connection;

        Peer(long incarnation) {
            client = hub.connect(this, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted(""));
            connection = YWebsocketConnection.open(documents, "a", client, false, incarnation);
            runAll();
        }

        Peer(String... messages) {
            this(DocumentMember.NO_COPY);
            for (String message : messages) {
                connection.receive(HexFormat.of().parseHex(message));
                runAll();
            }
        }

        void leave() {
            client.disconnected();
            runAll();
        }

        @Override
        public void close(CloseCode code, String reason) {
            super.close(code, reason);
            client.disconnected();
        }
    }

    private static String update(String update) {
        return "0002" + HexFormat.of().toHexDigits((byte) (update.length() / 2)) + update;
    }

    private void write(String update) {
        new Peer(update(update)).leave();
    }

    private void delete() {
        time.advance(Duration.ofSeconds(1));
        assertThat(await(documents.delete("a"))).isEqualTo(Deletion.DELETED);
        runAll();
    }

    private Restoration restore() {
        return await(documents.trash().restore("a", OptionalLong.empty(), "a"));
    }

    private String content() {
        return HexFormat.of().formatHex(await(documents.content("a", new byte[] {0})));
    }

    private long incarnation() {
        return await(documents.stored("a")).incarnation();
    }

    private List<TrashEntry> trash() {
        return await(documents.trash().list("", "", 100));
    }

    @Test
    void deletedDocumentIsRestoredFromTheTrash() {
        write(HI);
        delete();
        assertThat(content()).isEqualTo("0000");
        assertThat(trash()).singleElement().satisfies(entry -> {
            assertThat(entry.document()).isEqualTo("a");
            assertThat(entry.deletedMillis()).isEqualTo(time.millis());
            assertThat(entry.bytes()).isEqualTo(HI.length() / 2);
        });
        assertThat(await(documents.list("", "", 10))).isEmpty();
        assertThat(restore()).isEqualTo(Restoration.RESTORED);
        assertThat(content()).isEqualTo(HI);
        assertThat(trash()).isEmpty();
        assertThat(restore()).isEqualTo(Restoration.UNKNOWN);
        assertThat(documents.count()).isZero();
    }

    @Test
    void incarnationEndsWithADeletionAndReturnsWithARestoration() {
        write(HI);
        assertThat(incarnation()).isZero();
        delete();
        long second = incarnation();
        assertThat(second).isEqualTo(time.millis());
        write(YO);
        delete();
        assertThat(incarnation()).isGreaterThan(second);
        assertThat(await(documents.trash().restore("a", OptionalLong.of(second), "a")))
                .isEqualTo(Restoration.RESTORED);
        assertThat(incarnation()).isZero();
        assertThat(content()).isEqualTo(HI);
    }

    @Test
    void stockEditorWithACopyIsRefused() {
        write(HI);
        delete();
        Peer copy = new Peer(HAS_HI, update(HI));
        assertThat(copy.closeCode()).isEqualTo(CloseCode.DELETED);
        assertThat(content()).isEqualTo("0000");
        Peer early = new Peer(update(HI));
        assertThat(early.closeCode()).isEqualTo(CloseCode.DELETED);
        assertThat(content()).isEqualTo("0000");
        assertThat(documents.count()).isZero();
    }

    @Test
    void editorsOfTheNextDocumentAreNotRefused() {
        write(HI);
        delete();
        Peer offline = new Peer(HAS_YO, update(YO));
        assertThat(offline.closeCode()).isNull();
        Peer reader = new Peer(HAS_NOTHING);
        assertThat(reader.closeCode()).isNull();
        assertThat(content()).isEqualTo(YO);
    }

    @Test
    void copyOfARestoredDocumentIsValid() {
        write(HI);
        delete();
        restore();
        assertThat(new Peer(HAS_HI, update(HI)).closeCode()).isNull();
    }

    @Test
    void applicationMayWriteADeletedContentAgain() {
        write(HI);
        delete();
        await(documents.apply("a", HexFormat.of().parseHex(HI), ""));
        assertThat(content()).isEqualTo(HI);
        assertThat(new Peer(HAS_HI).closeCode()).isNull();
    }

    @Test
    void clientThatKnowsItsIncarnationIsRefusedAtOnce() {
        write(HI);
        Peer present = new Peer(0);
        assertThat(present.closeCode()).isNull();
        present.leave();
        delete();
        Peer old = new Peer(0);
        assertThat(old.closeCode()).isEqualTo(CloseCode.DELETED);
        assertThat(old.received()).isEmpty();
        assertThat(new Peer(incarnation()).closeCode()).isNull();
    }

    @Test
    void hocuspocusRefusesTheDocumentAlone() {
        write(HI);
        delete();
        FrameRecorder recorder = new FrameRecorder();
        HocuspocusConnections connections =
                new HocuspocusConnections(documents, limits(Map.of()), FakeTokens.NONE, time);
        Client client = hub.connect(recorder, DocumentClients.HOCUSPOCUS, "", Access.unrestricted(""));
        HocuspocusConnection connection = connections.open(client, false);
        for (String message : List.of("0161" + "020000", "0161" + HAS_HI)) {
            connection.receive(HexFormat.of().parseHex(message));
            runAll();
        }
        assertThat(recorder.received().get(recorder.received().size() - 1)).startsWith("0161" + "0201");
        assertThat(recorder.closeCode()).isNull();
    }

    @Test
    void takenNameIsNotRestored() {
        write(HI);
        delete();
        write(YO);
        assertThat(restore()).isEqualTo(Restoration.TAKEN);
        assertThat(content()).isEqualTo(YO);
        Peer open = new Peer(HAS_NOTHING);
        assertThat(restore()).isEqualTo(Restoration.OPEN);
        open.leave();
        assertThat(await(documents.trash().restore("a", OptionalLong.empty(), "b")))
                .isEqualTo(Restoration.RESTORED);
        assertThat(content()).isEqualTo(YO);
        assertThat(await(documents.list("", "", 10)))
                .extracting(Documents.Listed::name)
                .containsExactly("a", "b");
        assertThat(new Peer(HAS_HI).closeCode())
                .as("a copy under the earlier name")
                .isEqualTo(CloseCode.DELETED);
    }

    @Test
    void purgedEntriesAreGone() {
        write(HI);
        delete();
        write(YO);
        delete();
        long first = trash().get(0).deletedMillis();
        assertThat(await(documents.trash().purge("a", OptionalLong.of(first)))).isEqualTo(1);
        assertThat(trash()).hasSize(1);
        assertThat(await(documents.trash().purge("a", OptionalLong.empty()))).isEqualTo(1);
        assertThat(await(documents.trash().purge("a", OptionalLong.empty()))).isZero();
        assertThat(restore()).isEqualTo(Restoration.UNKNOWN);
        assertThat(new Peer(HAS_HI).closeCode()).isEqualTo(CloseCode.DELETED);
    }

    @Test
    void latestOfManyEntriesIsRestoredAndAllArePurged() {
        for (int second = 0; second < 1_001; second++) {
            byte[] content = HexFormat.of().parseHex(second == 1_000 ? YO : HI);
            store.append(new TrashEntry("a", second * 1_000L, 0, 0).storedName(), content);
        }
        assertThat(restore()).isEqualTo(Restoration.RESTORED);
        assertThat(content()).isEqualTo(YO);
        assertThat(await(documents.trash().purge("a", OptionalLong.empty()))).isEqualTo(1_000);
        assertThat(trash()).isEmpty();
    }

    @Test
    void trashKeepsTheLatestWithinItsLimits() {
        documents = documents(Map.of("max-trash-documents", "2"));
        for (int i = 0; i < 3; i++) {
            write(HI);
            await(documents.apply("a", HexFormat.of().parseHex(HI), ""));
            delete();
        }
        assertThat(trash()).hasSize(2);
        assertThat(trash().get(1).deletedMillis()).isEqualTo(time.millis());
        documents = documents(Map.of("max-trash-bytes", "20"));
        await(documents.apply("a", HexFormat.of().parseHex(HI), ""));
        delete();
        assertThat(trash()).hasSize(1);
        documents = documents(Map.of("trash-days", "0"));
        await(documents.apply("a", HexFormat.of().parseHex(HI), ""));
        delete();
        assertThat(trash()).isEmpty();
    }

    @Test
    void oldEntriesAndNotesAreRemoved() {
        write(HI);
        delete();
        documents.tick();
        time.advance(Duration.ofDays(29));
        documents.tick();
        runAll();
        assertThat(trash()).hasSize(1);
        time.advance(Duration.ofDays(2));
        documents.tick();
        runAll();
        assertThat(trash()).isEmpty();
        assertThat(store.count()).isZero();
        assertThat(new Peer(HAS_HI).closeCode()).isNull();
    }

    @Test
    void oldestNotesOfTooManyBytesAreRemoved() {
        for (int i = 0; i < 9; i++) {
            store.append(Incarnation.noteOf("d" + i), new byte[1_000_000]);
            time.advance(Duration.ofSeconds(1));
        }
        time.advance(Duration.ofHours(1));
        documents.tick();
        runAll();
        assertThat(await(store.listAll(Incarnation.NOTES)))
                .extracting(StoredDocument::name)
                .hasSize(8)
                .doesNotContain(Incarnation.noteOf("d0"));
    }

    @Test
    void oldNoteKeepsTheIncarnationOfADocument() {
        write(HI);
        delete();
        write(YO);
        long second = incarnation();
        time.advance(Duration.ofDays(31));
        documents.tick();
        runAll();
        assertThat(incarnation()).isEqualTo(second);
        assertThat(new Peer(HAS_HI).closeCode()).as("no longer recognised").isNull();
    }

    @Test
    void trashDoesNotCountAgainstTheDocuments() {
        documents = documents(Map.of("max-documents", "1"));
        write(HI);
        delete();
        Peer next = new Peer(update(YO));
        assertThat(next.closeCode()).isNull();
        assertThat(content()).isEqualTo(YO);
    }

    @Test
    void reservedNamesDoNotFillThePagesOfTheList() {
        for (int i = 0; i < 3; i++) {
            write(HI);
            await(documents.apply("a", HexFormat.of().parseHex(HI), ""));
            delete();
        }
        await(documents.apply("-", HexFormat.of().parseHex(HI), ""));
        await(documents.apply("b", HexFormat.of().parseHex(HI), ""));
        assertThat(await(documents.list("", "", 2)))
                .extracting(Documents.Listed::name)
                .containsExactly("-", "b");
        assertThat(await(documents.list("", "-", 1)))
                .extracting(Documents.Listed::name)
                .containsExactly("b");
    }
}
