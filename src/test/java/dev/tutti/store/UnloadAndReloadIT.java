package dev.tutti.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.document.DocumentClients;
import dev.tutti.document.DocumentMember;
import dev.tutti.document.DocumentStore;
import dev.tutti.document.Documents;
import dev.tutti.hub.Batch;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
import dev.tutti.security.Access;
import dev.tutti.settings.Settings;
import dev.tutti.store.file.FileStore;
import dev.tutti.store.postgres.TypingClient;
import dev.tutti.yjs.DocumentLimits;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A document is unloaded, folded and loaded while clients connect, type and disconnect. */
class UnloadAndReloadIT {
    private static final int ROUNDS = 200;
    private static final int CLIENTS = 4;

    /** More letters than a stored state may have beside it, so that each round folds. */
    private static final int LETTERS = 120;

    private final ExecutorService rooms = Executors.newFixedThreadPool(2);
    private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    private final AtomicInteger ids = new AtomicInteger(1000);

    /** A client that types some letters and disconnects when the last one is stored. */
    private static final class TypingClient implements Transport {
        private static final byte[] MARK = {102, 1, 1};

        private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
        private final Client client;
        private final YWebsocketConnection connection;
        private volatile @Nullable CloseCode closed;

        TypingClient(Hub hub, Documents documents) {
            client = hub.connect(this, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted(""));
            connection = YWebsocketConnection.open(documents, "d", client, false, DocumentMember.NO_COPY);
        }

        void type(int id) throws Exception {
            for (int clock = 0; clock < LETTERS; clock++) {
                connection.receive(letter(id, clock));
            }
            connection.receive(MARK);
            await(frame -> frame[0] == 102);
            client.disconnected();
        }

        /** Returns the state of the document. */
        byte[] read() throws Exception {
            connection.receive(new byte[] {0, 0, 1, 0});
            byte[] answer = await(frame -> frame[0] == 0 && frame[1] == 1);
            Lib0Reader in = new Lib0Reader(answer, 2, answer.length);
            byte[] state = in.readVarBytes();
            client.disconnected();
            return state;
        }

        private byte[] await(java.util.function.Predicate<byte[]> condition) throws Exception {
            while (true) {
                byte[] frame = received.poll(20, TimeUnit.SECONDS);
                assertThat(frame).as("closed with %s", closed).isNotNull();
                if (condition.test(frame)) {
                    return frame;
                }
            }
        }

        /** Returns an update with a letter after the one before; the first begins the text. */
        private static byte[] letter(int id, int clock) {
            Lib0Writer update = new Lib0Writer();
            update.writeVarUint(1);
            update.writeVarUint(1);
            update.writeVarUint(id);
            update.writeVarUint(clock);
            if (clock == 0) {
                update.writeByte(0x04);
                update.writeVarUint(1);
                update.writeVarString("t");
            } else {
                update.writeByte(0x84);
                update.writeVarUint(id);
                update.writeVarUint(clock - 1);
            }
            update.writeVarString("x");
            update.writeVarUint(0);
            Lib0Writer frame = new Lib0Writer();
            frame.writeVarUint(0);
            frame.writeVarUint(2);
            frame.writeVarBytes(update.toByteArray());
            return frame.toByteArray();
        }

        @Override
        public int send(Batch batch, int from, Completion done) {
            for (int i = from; i < batch.size(); i++) {
                received.add(batch.frame(i).payload());
            }
            done.done(null);
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {}

        @Override
        public void close(CloseCode code, String reason) {
            closed = code;
        }
    }

    @Test
    @Timeout(120)
    void storedUpdatesSurviveUnloadAndReload(@TempDir Path directory) throws Exception {
        Limits limits = Settings.read(Limits.class, Map.of("max-messages-per-second", "0")::get);
        Hub hub = new Hub(limits, "h", rooms, 1, TimeSource.SYSTEM);
        int unloads = 0;
        try (DocumentStore store = new FileStore(directory)) {
            Documents documents = new Documents(
                    limits, Budget.of(limits), store, rooms, TimeSource.SYSTEM, (task, nanos) -> rooms.execute(task));
            for (int round = 1; round <= ROUNDS; round++) {
                List<Future<?>> typing = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    int id = ids.incrementAndGet();
                    int pause = ThreadLocalRandom.current().nextInt(4);
                    typing.add(clients.submit(() -> {
                        // not a wait for anything: clients connect at any moment of the others' disconnects
                        TimeUnit.MILLISECONDS.sleep(pause);
                        new TypingClient(hub, documents).type(id);
                        return null;
                    }));
                }
                for (Future<?> one : typing) {
                    one.get(60, TimeUnit.SECONDS);
                }
                if (round % 2 == 0) { // in the other rounds, the next clients connect during the unload
                    await().atMost(20, TimeUnit.SECONDS).until(() -> documents.count() == 0);
                    unloads++;
                }
                YDocument state = YDocument.decode(new TypingClient(hub, documents).read(), DocumentLimits.DEFAULT);
                assertThat(new Lib0Reader(state.stateVector()).readVarUint())
                        .as("clients in round %d", round)
                        .isEqualTo((long) round * CLIENTS);
            }
            assertThat(store.list("", "", 10).toCompletableFuture().get()).hasSize(1);
        } finally {
            clients.shutdownNow();
            rooms.shutdownNow();
        }
        try (DocumentStore store = new FileStore(directory)) {
            YDocument state = YDocument.decode(DocumentStoreContract.updates(store, "d"), DocumentLimits.DEFAULT);
            assertThat(state.stateVector()).hasSize(2 + ROUNDS * CLIENTS * 3);
        }
        assertThat(unloads).isEqualTo(ROUNDS / 2);
    }
}
