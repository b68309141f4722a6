package dev.tutti.hub;

import dev.tutti.security.Access;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to a room of its own, and receives that as a client does: through the log, the mailbox, a thread of the rooms, the encoding and the
 * outbox. Nobody else can be in that room, and no count includes it. Safe for any thread.
 */
public final class RoomProbe {
    /** No valid {@link RoomName}, so no client can join it. */
    static final String ROOM = "probe of the server";

    private static final Protocol PROTOCOL = new Protocol() {
        @Override
        public @Nullable Frame encode(String room, RoomEvent event) {
            return event instanceof Publication publication ? Frame.text(publication.data()) : null;
        }

        @Override
        public boolean receivesPresence() {
            return false;
        }
    };

    /** A publication on its way. */
    private record Awaited(String data, CompletableFuture<Void> arrival) {}

    private final Room room;

    // Guarded by this.
    private long count;
    private @Nullable Awaited awaited;

    RoomProbe(Hub hub, RoomContext context) {
        RoomLog.Factory logs = (name, subscriber) ->
                new MemoryLog(name, HistoryRule.NONE, new HistoryMemory(context.budget(), 0), subscriber);
        this.room = new Room(ROOM, logs, context.uncounted());
        Client client = new Client(hub, ROOM, Access.unrestricted(""), new Arrivals(), PROTOCOL, "");
        room.enter(client, false, null, null, null);
    }

    /**
     * Publishes once.
     *
     * @return completes when the publication has arrived, on a thread of the rooms, unless a later call came first; fails with a {@link
     *     LimitException} if there is no memory for it
     */
    public CompletionStage<Void> run() {
        Awaited next;
        synchronized (this) {
            next = new Awaited(Long.toString(++count), new CompletableFuture<>());
            awaited = next;
        }
        try {
            var unused = room.publish(null, next.data, null, false, false);
        } catch (LimitException e) {
            next.arrival.completeExceptionally(e);
        }
        return next.arrival;
    }

    private synchronized @Nullable CompletableFuture<Void> arrived(String data) {
        return awaited != null && awaited.data.equals(data) ? awaited.arrival : null;
    }

    /** The connection of the probe's client, which takes all that is sent. */
    private final class Arrivals implements Transport {
        @Override
        public int send(Batch batch, int from, Completion done) {
            done.done(null);
            for (int i = from; i < batch.size(); i++) {
                CompletableFuture<Void> arrival = arrived(batch.frame(i).text());
                if (arrival != null) {
                    arrival.complete(null);
                }
            }
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {
            handedOver.run();
        }

        @Override
        public void close(CloseCode code, String reason) {}
    }
}
