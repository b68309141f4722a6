package dev.tutti.document;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.settings.Settings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LiveDocumentTest {
    /** Client 1 writes "hi" into the text "t". */
    private static final String UPDATE = "010101000401" + "0174" + "026869" + "00";

    private static final String TELL = "00020c" + UPDATE;
    private static final String ASK_ALL = "00000100";

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Time time = new Time();
    private final Store store = new Store();
    private Documents documents = documents(Map.of());

    private Documents documents(Map<String, String> given) {
        return new Documents(Settings.read(Limits.class, given::get), store, tasks::add, time);
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
        private final Participant participant;
        private @Nullable CloseCode closedWith;
        private @Nullable Completion inFlight;
        private boolean isSlow;

        Peer(String document, boolean readOnly) {
            Hub hub = new Hub(
                    Settings.read(Limits.class, Map.of("max-queued-bytes", "100")::get), "h", tasks::add, 1, time);
            client = hub.connect(this, Documents.PROTOCOL, "", "");
            participant = documents.open(document, client, readOnly);
        }

        Peer(String document) {
            this(document, false);
        }

        void send(String hex) {
            participant.receive(HexFormat.of().parseHex(hex));
        }

        List<String> heard() {
            List<String> all = List.copyOf(heard);
            heard.clear();
            return all;
        }

        @Override
        public int send(Batch batch, int from, Completion done) {
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
        public void ping() {}

        @Override
        public void close(CloseCode code, String reason) {
            closedWith = code;
        }
    }

    private static final class Store implements DocumentStore {
        private final List<CompletableFuture<List<byte[]>>> loads = new ArrayList<>();
        private final List<String> kept = new ArrayList<>();

        @Override
        public CompletionStage<List<byte[]>> load(String name) {
            loads.add(new CompletableFuture<>());
            return loads.get(loads.size() - 1);
        }

        @Override
        public CompletionStage<Void> append(String name, byte[] update) {
            kept.add("+" + HexFormat.of().formatHex(update));
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> replace(String name, byte[] state) {
            kept.add("=" + HexFormat.of().formatHex(state));
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Boolean> delete(String name) {
            kept.add("-");
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public CompletionStage<List<StoredDocument>> list(String prefix, String after, int max) {
            return CompletableFuture.completedFuture(List.of());
        }

        @Override
        public void close() {}

        void answer(@Nullable String state) {
            loads.get(loads.size() - 1)
                    .complete(state == null ? List.of() : List.of(HexFormat.of().parseHex(state)));
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

    /** Returns an awareness frame that says one thing of client 7. */
    private static String aware(int clock, String state) {
        String text = HexFormat.of().formatHex(state.getBytes(UTF_8));
        return String.format("01%02x0107%02x%02x%s", 4 + state.length(), clock, state.length(), text);
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
        peer.participant.sayGoodbye();
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
        assertThat(store.kept).containsExactly("+" + UPDATE, "=" + UPDATE);
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
        assertThat(peer.closedWith).isEqualTo(CloseCode.POLICY);
        assertThat(other.closedWith).isNull();
        assertThat(store.kept).isEmpty();
    }

    @Test
    void allDocumentsTogetherAreBoundedThoseThatNobodyHasOpenToo() {
        MemoryStore memory = new MemoryStore();
        documents = new Documents(
                Settings.read(Limits.class, Map.of("max-documents-bytes", "40")::get), memory, tasks::add, time);
        Peer first = new Peer("a");
        first.send(TELL);
        runAll();
        first.client.disconnected();
        runAll();
        assertThat(memory.memoryBytes()).isEqualTo(12);
        Peer second = new Peer("b");
        second.send(TELL);
        runAll();
        assertThat(second.closedWith).isNull();
        Peer third = new Peer("c");
        third.send(TELL);
        runAll();
        assertThat(third.closedWith).isEqualTo(CloseCode.POLICY);
        second.client.disconnected();
        third.client.disconnected();
        runAll();
        assertThat(memory.memoryBytes()).isEqualTo(24);
        assertThat(documents.count()).isZero();
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

    @Test
    void othersDoNotSpeakForSomebodyAndWhoVanishesHasAWhileToComeBack() {
        Peer guest = new Peer("a");
        Peer watcher = new Peer("a");
        store.answer(null);
        guest.send(aware(1, "{}"));
        runAll();
        watcher.send(aware(2, "{\"x\":1}")); // of the guest
        runAll();
        watcher.heard();
        assertThat(guest.heard()).doesNotContain(aware(2, "{\"x\":1}"));

        guest.client.disconnected();
        runAll();
        watcher.send(aware(2, "{\"x\":1}")); // it was there before
        runAll();
        time.nanos += Documents.GRACE_NANOS - 1;
        documents.tick();
        runAll();
        assertThat(watcher.heard()).isEmpty();

        Peer again = new Peer("a");
        again.send(aware(1, "{}")); // a stock client keeps its clock
        runAll();
        time.nanos += Documents.GRACE_NANOS;
        documents.tick();
        runAll();
        again.send(aware(2, "{}"));
        runAll();
        assertThat(watcher.heard()).containsExactly(aware(2, "{}"));

        again.client.disconnected();
        runAll();
        time.nanos += Documents.GRACE_NANOS;
        documents.tick();
        runAll();
        assertThat(watcher.heard()).containsExactly(aware(3, "null"));
    }
}
