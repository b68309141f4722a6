package dev.tutti.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.MemoryStore;
import dev.tutti.document.Replacement;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Metrics;
import dev.tutti.hub.Position;
import dev.tutti.hub.Publication;
import dev.tutti.hub.TimeSource;
import dev.tutti.security.UnavailableException;
import dev.tutti.settings.Settings;
import dev.tutti.store.queue.Backend;
import dev.tutti.store.queue.Change;
import dev.tutti.store.queue.QueuedStore;
import dev.tutti.store.queue.StoreClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rooms whose histories are on a disk that is full for a while, behind the queue of a real store. */
class FullDiskTest {
    private static final String ROOM = "board";

    private final ExecutorService executor = Executors.newFixedThreadPool(2);
    private final Disk disk = new Disk();
    private final Limits limits = Settings.read(Limits.class, name -> null);
    private int servers;

    private static final class Disk implements Backend {
        private final MemoryStore rows = new MemoryStore();
        private volatile boolean isFull;

        @Override
        public List<StoredUpdate> load(String name) {
            return join(rows.load(name));
        }

        @Override
        public List<StoredUpdate> load(String name, LongPredicate reserve) {
            return join(rows.load(name, reserve));
        }

        @Override
        public List<StoredDocument> list(String prefix, String after, int max) {
            return join(rows.list(prefix, after, max));
        }

        @Override
        public void commit(List<Change> changes) {
            if (isFull) {
                throw new StoreException("no space is left");
            }
            changes.forEach(this::apply);
        }

        private void apply(Change change) {
            switch (change.kind()) {
                case APPEND -> change.setId(join(rows.append(change.name(), change.content())));
                case REPLACE -> {
                    Replacement done = join(rows.replace(change.name(), change.content(), change.covered()));
                    done.id().ifPresent(change::setId);
                    change.setOthers(done.others());
                }
                case DELETE -> change.setExisted(join(rows.delete(change.name())));
                case MOVE -> change.setMoved(join(rows.move(change.move())));
            }
        }

        private static <T> T join(CompletionStage<T> stage) {
            return stage.toCompletableFuture().join();
        }

        @Override
        public long maintain() {
            return UNTIL_NEXT_COMMIT;
        }

        @Override
        public void close() {}
    }

    private static final class DiskStore extends QueuedStore {
        DiskStore(Disk disk) {
            super(disk, StoreClock.SYSTEM);
        }
    }

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    private Hub hub(DurableHistory history) {
        return new Hub(limits, "h" + ++servers, executor, 2, TimeSource.SYSTEM, Metrics.NONE, history);
    }

    private static CompletableFuture<Position> publish(Hub hub, int number) {
        return hub.publish(ROOM, String.valueOf(number), "key" + number)
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS);
    }

    private static Throwable failureOf(CompletableFuture<?> stage) {
        return stage.handle((result, failure) -> failure instanceof CompletionException ? failure.getCause() : failure)
                .join();
    }

    @Test
    void publicationsAreRefusedWhileTheDiskIsFullAndNoneIsLostOrDoubled() throws Exception {
        DurableHistory history = new DurableHistory(new DiskStore(disk), 0, 0);
        Hub hub = hub(history);
        publish(hub, 1).join();
        disk.isFull = true;
        assertThat(failureOf(publish(hub, 2)))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("no space is left");
        assertThat(failureOf(history.probe().toCompletableFuture())).isInstanceOf(StoreException.class);

        disk.isFull = false;
        Awaitility.await()
                .ignoreException(CompletionException.class)
                .until(() -> publish(hub, 2).join().offset() == 2);
        assertThat(history.probe().toCompletableFuture()).succeedsWithin(Duration.ofSeconds(30));
        history.close(30_000);

        DurableHistory reopened = new DurableHistory(new DiskStore(disk), 0, 0);
        Hub next = hub(reopened);
        assertThat(publish(next, 1).join().offset()).isEqualTo(1);
        assertThat(publish(next, 3).join().offset()).isEqualTo(3);
        assertThat(next.directory().latest(ROOM, 9).messages())
                .extracting(Publication::data)
                .containsExactly("1", "2", "3");
        reopened.close(30_000);
    }
}
