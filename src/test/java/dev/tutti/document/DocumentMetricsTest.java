package dev.tutti.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Budget;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
import dev.tutti.security.Access;
import dev.tutti.settings.Settings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class DocumentMetricsTest {
    /** Client 1 writes "hi" into the text "t". */
    private static final String UPDATE = "00020c" + "010101000401" + "0174" + "026869" + "00";

    private static final Limits LIMITS = Settings.read(Limits.class, name -> null);

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<String> calls = new ArrayList<>();
    private final SlowStore store = new SlowStore();
    private long nanos = 1;

    private final TimeSource time = new TimeSource() {
        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long millis() {
            return nanos / 1_000_000;
        }
    };

    private final DocumentMetrics metrics = new DocumentMetrics() {
        @Override
        public void delivered(Protocol protocol, long updates) {
            calls.add("delivered " + updates + " by " + protocol.name());
        }

        @Override
        public void sent(long frames, long bytes) {
            calls.add("sent " + frames + " of " + bytes);
        }

        @Override
        public void updateTook(long took) {
            calls.add("update " + took);
        }

        @Override
        public void acknowledgementTook(long took) {
            calls.add("acknowledgement " + took);
        }

        @Override
        public void runTook(long took) {
            calls.add("run " + took);
        }
    };

    private final Hub hub = new Hub(LIMITS, "h", tasks::add, 1, time);
    private final Documents documents = new Documents(
            LIMITS, hub.budget(), store, tasks::add, time, (task, delay) -> {}, hub.events(), metrics, null);

    /** Writes to memory, and completes a write when the test asks. */
    private static final class SlowStore implements DocumentStore {
        private final MemoryStore memory = new MemoryStore();
        private final CompletableFuture<Void> written = new CompletableFuture<>();

        @Override
        public CompletionStage<List<StoredUpdate>> load(String name) {
            return memory.load(name);
        }

        @Override
        public CompletionStage<Long> append(String name, byte[] update) {
            return written.thenCompose(done -> memory.append(name, update));
        }

        @Override
        public CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered) {
            return memory.replace(name, state, covered);
        }

        @Override
        public CompletionStage<Boolean> delete(String name) {
            return memory.delete(name);
        }

        @Override
        public CompletionStage<DocumentMove.Result> move(DocumentMove move) {
            return memory.move(move);
        }

        @Override
        public CompletionStage<List<StoredDocument>> list(String prefix, String after, int max) {
            return memory.list(prefix, after, max);
        }

        @Override
        public void close() {}
    }

    /** A client that reads everything at once. */
    private static final class Reader implements Transport {
        @Override
        public int send(Batch batch, int from, Completion done) {
            done.done(null);
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {}

        @Override
        public void close(CloseCode code, String reason) {}
    }

    private YWebsocketConnection open() {
        var client = hub.connect(new Reader(), DocumentClients.Y_WEBSOCKET, "", Access.unrestricted(""));
        return Objects.requireNonNull(YWebsocketConnection.open(documents, "a", client, false, DocumentMember.NO_COPY));
    }

    private void runAll() {
        for (Runnable task; (task = tasks.poll()) != null; ) {
            task.run();
        }
    }

    @Test
    void updateIsCountedForEachOtherMemberAndItsWriteOnce() {
        List<YWebsocketConnection> editors = List.of(open(), open(), open());
        runAll();
        calls.clear();
        editors.get(0).receive(HexFormat.of().parseHex(UPDATE));
        nanos += 5;
        runAll();
        assertThat(calls).containsExactly("delivered 2 by y-websocket", "sent 2 of 34", "run 0", "update 0");
        calls.clear();
        store.written.complete(null);
        nanos += 2;
        runAll();

        assertThat(calls).contains("acknowledgement 7").doesNotContain("update 0");
    }

    @Test
    void updateWithoutANewPartIsNone() {
        store.written.complete(null);
        List<YWebsocketConnection> editors = List.of(open(), open());
        editors.forEach(editor -> editor.receive(HexFormat.of().parseHex(UPDATE)));
        runAll();
        calls.clear();
        editors.get(1).receive(HexFormat.of().parseHex(UPDATE));
        runAll();

        assertThat(calls).containsExactly("run 0");
    }

    @Test
    void openDocumentShowsItsSizeAndChanges() {
        List<YWebsocketConnection> editors = List.of(open(), open());
        editors.forEach(editor -> editor.receive(HexFormat.of().parseHex(UPDATE)));
        runAll();
        nanos += 5_000_000_000L;
        documents.tick();

        List<Documents.Open> found = new ArrayList<>();
        documents.forEachOpen(found::add);

        assertThat(found).hasSize(1);
        Documents.Open document = found.get(0);
        assertThat(document.name()).isEqualTo("a");
        assertThat(document.clients()).isEqualTo(2);
        assertThat(document.bytes())
                .isEqualTo(hub.budget().usedBytes(Budget.Share.DOCUMENTS))
                .isPositive();
        assertThat(document.changesPerMinute()).as("one in five seconds").isEqualTo(12);
    }
}
