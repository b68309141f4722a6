package dev.tutti.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.event.Event;
import dev.tutti.event.EventSink;
import dev.tutti.event.Events;
import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
import dev.tutti.security.Access;
import dev.tutti.settings.Settings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class DocumentNotifierTest {
    private static final Limits LIMITS = Settings.read(Limits.class, name -> null);

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<String> events = new ArrayList<>();
    private final TestTime clock = new TestTime();
    private final Documents documents;
    private final Hub hub;

    DocumentNotifierTest() {
        Events all = new Events();
        all.add(new EventSink() {
            @Override
            public boolean takesPublicationsOf(String room) {
                return false;
            }

            @Override
            public void post(Event event) {
                events.add(event.type() + " " + event.subject().name());
            }
        });
        hub = new Hub(LIMITS, "h", tasks::add, 1, clock);
        documents = new Documents(
                LIMITS,
                hub.budget(),
                new MemoryStore(),
                tasks::add,
                clock,
                (task, nanos) -> tasks.add(task),
                all,
                DocumentMetrics.NONE,
                null);
    }

    private static final Transport TRANSPORT = new Transport() {
        @Override
        public int send(Batch batch, int from, Completion done) {
            done.done(null);
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {}

        @Override
        public void close(CloseCode code, String reason) {}
    };

    private final class Editor {
        private final Client client = hub.connect(TRANSPORT, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted(""));
        private final YWebsocketConnection connection =
                YWebsocketConnection.open(documents, "plan", client, false, DocumentMember.NO_COPY);

        Editor() {
            run();
        }

        /** Client {@code author} writes "hi" into the text "t". */
        void write(int author) {
            String update = String.format("00020c" + "0101%02x000401" + "0174" + "026869" + "00", author);
            connection.receive(HexFormat.of().parseHex(update));
            run();
        }

        void leave() {
            client.disconnected();
            run();
        }
    }

    private void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void tick(long nanos) {
        clock.nanos += nanos;
        documents.tick();
        run();
    }

    @Test
    void openAndCloseAreReportedForFirstAndLastClient() {
        Editor ann = new Editor();
        Editor bob = new Editor();
        ann.leave();
        assertThat(events).containsExactly("document.opened plan");
        bob.leave();
        assertThat(events).containsExactly("document.opened plan", "document.closed plan");
    }

    @Test
    void oneEventCoversTheChangesOfTwoSeconds() {
        Editor ann = new Editor();
        ann.write(1);
        tick(DocumentNotifier.CHANGE_NANOS / 2);
        ann.write(2);
        assertThat(events).containsExactly("document.opened plan");

        tick(DocumentNotifier.CHANGE_NANOS / 2);
        tick(10 * DocumentNotifier.CHANGE_NANOS);
        assertThat(events).containsExactly("document.opened plan", "document.changed plan", "document.stored plan");
    }

    @Test
    void lastClientThatLeavesReportsItsChanges() {
        Editor ann = new Editor();
        ann.write(1);
        ann.leave();

        assertThat(events).startsWith("document.opened plan", "document.changed plan");
        assertThat(events.subList(2, events.size()))
                .containsExactlyInAnyOrder("document.stored plan", "document.closed plan");
    }

    @Test
    void deletionIsReportedBeforeTheNextOpen() {
        Editor ann = new Editor();
        ann.write(1);
        ann.leave();
        events.clear();

        var unused = documents.delete("plan");
        new Editor();
        assertThat(events).containsExactly("document.deleted plan", "document.opened plan");

        events.clear();
        var unusedToo = documents.delete("unknown");
        run();
        assertThat(events).isEmpty();
    }
}
