package dev.tutti.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.Documents.Deletion;
import dev.tutti.document.Trash.Restoration;
import dev.tutti.document.Version.Writers;
import dev.tutti.document.Versions.Made;
import dev.tutti.document.Versions.Result;
import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
import dev.tutti.security.Access;
import dev.tutti.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Named and automatic versions of documents. */
class DocumentVersionsTest {
    /** Clients 1, 2 and 3 of Yjs each write a word into the text "t". */
    private static final String HI = "010101000401" + "0174" + "026869" + "00";

    private static final String YO = "010102000401" + "0174" + "02796f" + "00";
    private static final String OK = "010103000401" + "0174" + "026f6b" + "00";

    private static final Duration QUARTER = Duration.ofMinutes(15);

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final TestTime time = TestTime.at(Duration.ofDays(20_000));
    private final MemoryStore store = new MemoryStore(() -> time.millis());
    private Hub hub = new Hub(limits(Map.of()), "h", tasks::add, 1, time);
    private Documents documents = documents(Map.of());

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

    private void pass(Duration duration) {
        time.advance(duration);
        documents.tick();
        runAll();
    }

    /** An editor of the document "a". */
    private final class Editor implements Transport {
        private final Client client;
        private final YWebsocketConnection connection;

        Editor(String user) {
            client = hub.connect(this, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted(user));
            connection = YWebsocketConnection.open(documents, "a", client, false, DocumentMember.NO_COPY);
            runAll();
        }

        Editor write(String update) {
            String frame = "0002" + HexFormat.of().toHexDigits((byte) (update.length() / 2)) + update;
            connection.receive(HexFormat.of().parseHex(frame));
            runAll();
            return this;
        }

        void leave() {
            client.disconnected();
            runAll();
        }

        @Override
        public int send(Batch batch, int from, Completion done) {
            done.done(null);
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {}

        @Override
        public void close(CloseCode code, String reason) {
            client.disconnected();
        }
    }

    private void write(String user, String update) {
        new Editor(user).write(update).leave();
    }

    private Made make(String title) {
        time.nanos += 1_000_000;
        return await(documents.versions().make("a", title, ""));
    }

    private List<Version> versions(String document) {
        return await(documents.versions().list(document));
    }

    private List<Version> versions() {
        return versions("a");
    }

    private @Nullable String content(String document, Version version) {
        return await(documents.versions().content(document, version.id()))
                .map(HexFormat.of()::formatHex)
                .orElse(null);
    }

    private long entries() {
        return await(store.list(DocumentKey.PREFIX, "", 100)).size();
    }

    private static Writers by(String... users) {
        return new Writers(List.of(users), false);
    }

    @Test
    void namedVersionKeepsTheStateAndItsWriters() {
        write("ada", HI);
        assertThat(make("first").result()).isEqualTo(Result.MADE);
        Editor grace = new Editor("grace").write(YO);
        new Editor("reader");
        new Editor("guest:1").write(OK);
        Version second = make("second").version();
        assertThat(second).isNotNull();
        grace.leave();

        assertThat(versions()).extracting(Version::title).containsExactly("second", "first");
        assertThat(versions()).contains(second);
        assertThat(second.writers().users()).containsExactly("grace");
        assertThat(second.writers().hasGuests()).isTrue();
        Version first = versions().get(1);
        assertThat(first.writers()).isEqualTo(by("ada"));
        assertThat(first.isAutomatic()).isFalse();
        assertThat(content("a", first)).isEqualTo(HI);
        assertThat(content("a", second)).hasSizeGreaterThan(HI.length());
        assertThat(make("third").version())
                .extracting(Version::writers)
                .as("nobody has written")
                .isEqualTo(Writers.NONE);
    }

    @Test
    void emptyDocumentHasNoVersion() {
        assertThat(make("none").result()).isEqualTo(Result.UNKNOWN);
        assertThat(store.count()).isZero();
        assertThat(versions()).isEmpty();
    }

    @Test
    void unknownVersionHasNoContent() {
        for (String id : List.of("", "index", "1795867200000x", "9999999999999n", "../../a")) {
            assertThat(await(documents.versions().content("a", id))).as(id).isEqualTo(Optional.empty());
            assertThat(await(documents.versions().delete("a", id))).as(id).isFalse();
        }
    }

    @Test
    void changedDocumentGetsAVersionEachQuarter() {
        Editor ada = new Editor("ada").write(HI);
        pass(QUARTER);
        assertThat(versions()).singleElement().satisfies(version -> {
            assertThat(version.isAutomatic()).isTrue();
            assertThat(version.writers()).isEqualTo(by("ada"));
            assertThat(content("a", version)).isEqualTo(HI);
        });
        pass(QUARTER);
        pass(QUARTER);
        assertThat(versions()).as("nothing has changed").hasSize(1);
        ada.write(YO);
        pass(Duration.ofSeconds(1));
        assertThat(versions()).as("the quarter has not ended").hasSize(1);
        pass(QUARTER);
        assertThat(versions()).hasSize(2);
    }

    @Test
    void documentThatEverybodyHasLeftGetsItsVersion() {
        write("ada", HI);
        await(documents.apply("a", HexFormat.of().parseHex(YO), "grace", ""));
        await(documents.apply("a", HexFormat.of().parseHex(OK), null, ""));
        assertThat(documents.count()).isZero();
        pass(QUARTER);
        assertThat(versions()).singleElement().extracting(Version::writers).isEqualTo(by("ada", "grace"));
        assertThat(documents.count()).isZero();
    }

    @Test
    void namedVersionReplacesTheAutomaticOneThatIsDue() {
        write("ada", HI);
        make("named");
        pass(QUARTER);
        assertThat(versions()).extracting(Version::title).containsExactly("named");
    }

    @Test
    void settingTurnsAutomaticVersionsOff() {
        documents = documents(Map.of("version-minutes", "0"));
        write("ada", HI);
        pass(Duration.ofDays(1));
        assertThat(versions()).isEmpty();
        assertThat(make("named").version()).extracting(Version::writers).isEqualTo(by("ada"));
    }

    @Test
    void writersAreBounded() {
        for (int i = 0; i < 30; i++) {
            String id = HexFormat.of().toHexDigits((byte) (i + 1));
            write("user " + i + "x".repeat(300), HI.substring(0, 4) + id + HI.substring(6));
        }
        Version version = make("").version();
        assertThat(version).isNotNull();
        assertThat(version.writers().users())
                .hasSize(Writers.MAX_USERS)
                .allSatisfy(user -> assertThat(user).hasSize(200));
        assertThat(versions()).containsExactly(version);
    }

    @Test
    void automaticVersionsMakeRoom() {
        documents = documents(Map.of("max-document-versions", "3"));
        String[] updates = {HI, YO, OK};
        for (String update : updates) {
            write("ada", update);
            pass(QUARTER);
        }
        Version oldest = versions().get(2);
        make("named");
        assertThat(versions()).hasSize(3).doesNotContain(oldest);
        assertThat(versions().get(0).title()).isEqualTo("named");
        assertThat(content("a", oldest)).isNull();
        assertThat(entries()).as("three states and the index").isEqualTo(4);
    }

    @Test
    void namedVersionsAreRefusedBeyondTheLimit() {
        documents = documents(Map.of("max-document-versions", "2"));
        write("ada", HI);
        make("1");
        make("2");
        write("grace", YO);
        assertThat(make("3").result()).isEqualTo(Result.FULL);
        pass(QUARTER);
        assertThat(versions()).extracting(Version::title).containsExactly("2", "1");
        assertThat(await(documents.versions().delete("a", versions().get(1).id())))
                .isTrue();
        assertThat(make("3").result()).isEqualTo(Result.MADE);
    }

    @Test
    void bytesOfVersionsAreBounded() {
        documents = documents(Map.of("max-document-version-bytes", "30"));
        write("ada", HI);
        make("1");
        make("2");
        assertThat(make("3").result()).isEqualTo(Result.FULL);
        assertThat(versions()).hasSize(2);
    }

    @Test
    void oldAutomaticVersionsMakeRoomForAllDocuments() {
        write("ada", HI);
        pass(QUARTER);
        make("named");
        pass(Duration.ofHours(2));
        write("ada", YO);
        pass(QUARTER);
        List<Version> all = versions();
        assertThat(all).hasSize(3);
        documents = documents(Map.of("max-version-bytes", "45"));
        pass(Duration.ofMinutes(2));
        assertThat(versions()).as("the oldest one was automatic").containsExactly(all.get(0), all.get(1));
        write("ada", OK);
        assertThatThrownBy(() -> make("over an eighth more")).hasRootCauseInstanceOf(StoreException.class);
    }

    @Test
    void versionsFollowTheirDocumentThroughTheTrash() {
        write("ada", HI);
        make("first");
        time.nanos += 1_000_000;
        assertThat(await(documents.delete("a"))).isEqualTo(Deletion.DELETED);
        assertThat(versions()).isEmpty();
        write("grace", YO);
        make("of the next document");
        assertThat(versions()).hasSize(1);
        assertThat(await(documents.trash().restore("a", OptionalLong.empty(), "b")))
                .isEqualTo(Restoration.RESTORED);
        assertThat(versions("b")).extracting(Version::title).containsExactly("first");
        assertThat(content("b", versions("b").get(0))).isEqualTo(HI);
        assertThat(versions()).extracting(Version::title).containsExactly("of the next document");
        await(documents.delete("a"));
        assertThat(await(documents.trash().restore("a", OptionalLong.empty(), "a")))
                .isEqualTo(Restoration.RESTORED);
        assertThat(versions()).extracting(Version::title).containsExactly("of the next document");
    }

    @Test
    void purgedDocumentHasNoVersions() {
        write("ada", HI);
        make("first");
        write("ada", YO);
        await(documents.delete("a"));
        pass(QUARTER);
        assertThat(entries()).as("a state and the index").isEqualTo(2);
        assertThat(await(documents.trash().purge("a", OptionalLong.empty()))).isEqualTo(1);
        assertThat(entries()).isZero();
    }

    @Test
    void documentThatIsTooOldForTheTrashTakesItsVersionsWithIt() {
        write("ada", HI);
        make("first");
        await(documents.delete("a"));
        pass(Duration.ofDays(31));
        assertThat(store.count()).isZero();
    }

    @Test
    void fullVersionsAreSweptSoonAndThereIsRoomAgain() {
        documents = documents(Map.of("max-version-bytes", "40"));
        for (String update : new String[] {HI, YO}) {
            write("ada", update);
            pass(QUARTER);
        }
        assertThat(versions()).hasSize(2);
        write("ada", OK);
        assertThatThrownBy(() -> make("refused")).hasRootCauseInstanceOf(StoreException.class);
        pass(Duration.ofMinutes(1));
        pass(QUARTER);
        assertThat(versions()).hasSize(2).allMatch(Version::isAutomatic);
        assertThat(versions().get(0).writers()).isEqualTo(by("ada"));
    }

    @Test
    void removedVersionsMakeRoomAtOnce() {
        documents = documents(Map.of("max-version-bytes", "30", "max-document-version-bytes", "0"));
        write("ada", HI);
        for (int i = 0; i < 5; i++) {
            Version version = make("").version();
            assertThat(version).isNotNull();
            assertThat(await(documents.versions().delete("a", version.id()))).isTrue();
        }
        assertThat(versions()).isEmpty();
    }

    @Test
    void lostEntriesAreRemoved() {
        write("ada", HI);
        make("kept");
        byte[] update = HexFormat.of().parseHex(HI);
        await(store.append(".version/a/0/" + DocumentKey.digits(time.millis() - 10_000_000) + "n", update));
        await(store.append(".version/gone/0/" + DocumentKey.digits(time.millis()) + "n", update));
        await(store.append(".version/gone/0/index", VersionIndex.encode(List.of())));
        pass(Duration.ofMinutes(2));
        assertThat(await(store.list(DocumentKey.PREFIX, "", 10)))
                .extracting(StoredDocument::name)
                .containsExactly(
                        new DocumentKey("a", 0).stateName(versions().get(0).id()), new DocumentKey("a", 0).indexName());
    }

    @Test
    void versionsDoNotCountAgainstTheDocuments() {
        documents = documents(Map.of("max-documents", "2"));
        write("ada", HI);
        make("1");
        make("2");
        pass(Duration.ofMinutes(2));
        await(documents.apply("b", HexFormat.of().parseHex(HI), ""));
        assertThat(await(documents.list("", "", 10)))
                .extracting(Documents.Listed::name)
                .containsExactly("a", "b");
    }

    @Test
    void manyDueDocumentsAreServedFewAtATime() {
        for (int i = 0; i < 20; i++) {
            await(documents.apply("d" + i, HexFormat.of().parseHex(HI), "ada", ""));
        }
        List<Integer> counts = new ArrayList<>();
        time.advance(QUARTER);
        for (int i = 0; i < 5; i++) {
            documents.tick();
            counts.add(documents.count());
            runAll();
        }
        assertThat(counts).allMatch(count -> count <= 4);
        assertThat(IntStream.range(0, 20))
                .allSatisfy(i -> assertThat(versions("d" + i)).hasSize(1));
    }

    @Test
    void damagedRowOfTheIndexHidesNoOther() {
        write("ada", HI);
        make("first");
        await(store.append(new DocumentKey("a", 0).indexName(), new byte[] {9, 1, 2}));
        assertThat(versions()).extracting(Version::title).containsExactly("first");
    }
}
