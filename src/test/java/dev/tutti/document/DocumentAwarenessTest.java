package dev.tutti.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.ysync.MessageType;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
import dev.tutti.security.Access;
import dev.tutti.settings.Settings;
import dev.tutti.yjs.Awareness;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sequences in which stock clients could lose each other's states, and impostors that try to cause it. A has id 7, B id 8. */
class DocumentAwarenessTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long A = 7;
    private static final long B = 8;

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final TestTime time = new TestTime();
    private final Documents documents = new Documents(
            Settings.read(Limits.class, name -> null),
            new Budget(1 << 20),
            new MemoryStore(),
            tasks::add,
            time,
            (task, nanos) -> tasks.add(task));
    private final Peer watcher = new Peer();

    @BeforeEach
    void watcherJoinsAnOldDocument() {
        watcher.sends(1, 1, "{}");
        sleep(60); // ids are not contested any more
    }

    private void sleep(int seconds) {
        for (int i = 0; i < seconds; i++) {
            time.nanos += SECOND;
            documents.tick();
            runAll();
        }
    }

    private void runAll() {
        for (Runnable task; (task = tasks.poll()) != null; ) {
            task.run();
        }
    }

    /** A client with the awareness states that it has received. */
    private final class Peer implements Transport {
        private final Map<Long, String> states = new LinkedHashMap<>();
        private final Map<Long, Long> clocks = new LinkedHashMap<>();
        private final Client client;
        private final YWebsocketConnection connection;
        private int queries;
        private @Nullable CloseCode closedWith;

        Peer() {
            Hub hub = new Hub(Settings.read(Limits.class, name -> null), "h", tasks::add, 1, time);
            client = hub.connect(this, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted(""));
            connection = YWebsocketConnection.open(documents, "a", client, false, DocumentMember.NO_COPY);
            runAll();
        }

        /** Sends an entry. */
        void sends(long id, long clock, String state) {
            sendsAll(List.of(id), clock, state);
        }

        /** Sends entries with the same clock and state in one message. */
        void sendsAll(List<Long> ids, long clock, String state) {
            Lib0Writer update = new Lib0Writer();
            update.writeVarUint(ids.size());
            for (long id : ids) {
                update.writeVarUint(id);
                update.writeVarUint(clock);
                update.writeVarString(state);
            }
            Lib0Writer message = new Lib0Writer();
            message.writeVarUint(MessageType.AWARENESS);
            message.writeVarBytes(update.toByteArray());
            time.nanos++;
            connection.receive(message.toByteArray());
            runAll();
        }

        /** Echoes a received state, as y-websocket does. */
        void echoes(long id) {
            sends(id, clocks.getOrDefault(id, 0L), states.getOrDefault(id, "null"));
        }

        void disconnects() {
            client.disconnected();
            runAll();
        }

        void closesCleanly() {
            connection.closedCleanly();
            disconnects();
        }

        @Nullable
        String sees(long id) {
            return states.get(id);
        }

        @Override
        public int send(Batch batch, int from, Completion done) {
            for (int i = from; i < batch.size(); i++) {
                try {
                    receive(new Lib0Reader(batch.frame(i).payload()));
                } catch (MalformedUpdateException e) {
                    throw new AssertionError(e);
                }
            }
            done.done(null);
            return batch.size();
        }

        private void receive(Lib0Reader in) throws MalformedUpdateException {
            long kind = in.readVarUint();
            queries += kind == MessageType.AWARENESS_QUERY ? 1 : 0;
            if (kind != MessageType.AWARENESS) {
                return;
            }
            for (Awareness.Entry entry : Awareness.decode(in.readVarBytes())) {
                long known = clocks.getOrDefault(entry.id(), 0L);
                if (entry.clock() > known || (entry.clock() == known && entry.state() == null)) {
                    clocks.put(entry.id(), entry.clock());
                    byte[] state = entry.state();
                    if (state == null) {
                        states.remove(entry.id());
                    } else {
                        states.put(entry.id(), new String(state, java.nio.charset.StandardCharsets.UTF_8));
                    }
                }
            }
        }

        @Override
        public void ping(Runnable handedOver) {}

        @Override
        public void close(CloseCode code, String reason) {
            closedWith = code;
        }
    }

    /** Returns a connection that has owned an id for a minute. */
    private Peer established(long id) {
        Peer peer = new Peer();
        peer.sends(id, 1, "1");
        sleep(60);
        return peer;
    }

    @Test
    void awarenessOfOthersFollowsOwnMessage() {
        Peer guest = new Peer();
        watcher.sends(1, 100, "100");
        assertThat(guest.states).isEmpty();
        guest.sends(A, 1, "{}");
        assertThat(guest.sees(1)).isEqualTo("100");
    }

    @Test
    void silentClientReceivesOthersAfterASecond() {
        Peer silent = new Peer();
        sleep(1);
        assertThat(silent.sees(1)).isEqualTo("{}");
        assertThat(documents.count()).isOne();
    }

    @Test
    void onlyTheOwnerChangesItsId() {
        established(A);
        watcher.sends(A, 100, "6");
        assertThat(watcher.sees(A)).isEqualTo("1");
    }

    @Test
    void firstEchoClaimsNoId() {
        Peer a = established(A);
        Peer silent = new Peer();
        a.disconnects();
        Peer late = new Peer();
        sleep(1);
        silent.echoes(A);
        late.echoes(A);
        assertReconnects(a);
    }

    @Test
    void newcomersEchoOfALostClientClaimsNoId() {
        Peer a = established(A);
        a.disconnects();
        Peer b = new Peer();
        b.sends(B, 1, "b");
        b.echoes(A);
        assertReconnects(a);
    }

    /** A reconnects: others never see it leave, see its next state, and see its clean close at once. */
    private void assertReconnects(Peer before) {
        Peer a = new Peer();
        a.sends(A, before.clocks.get(A), "1");
        sleep(10);
        assertThat(watcher.sees(A)).isEqualTo("1");
        a.sends(A, a.clocks.get(A) + 1, "2");
        assertThat(watcher.sees(A)).isEqualTo("2");
        a.closesCleanly();
        assertThat(watcher.sees(A)).isNull();
    }

    @Test
    void reconnectedClientClaimsOnlyItsOwnId() {
        Peer a = established(A);
        Peer b = established(B);
        a.disconnects();
        b.disconnects();
        Peer again = new Peer();
        again.sends(A, a.clocks.get(A), "1");
        again.echoes(B);
        assertReconnectsAs(B, b);
    }

    private void assertReconnectsAs(long id, Peer before) {
        Peer back = new Peer();
        back.sends(id, before.clocks.get(id), "1");
        back.sends(id, back.clocks.get(id) + 1, "2");
        assertThat(watcher.sees(id)).isEqualTo("2");
    }

    @Test
    void lostClientIsRemovedAfterFourSeconds() {
        Peer a = established(A);
        a.disconnects();
        sleep(3);
        assertThat(watcher.sees(A)).isNotNull();
        sleep(1);
        assertThat(watcher.sees(A)).isNull();
    }

    @Test
    void reconnectedClientSeesOthersWithinASecond() {
        Peer a = established(A);
        a.disconnects();
        Peer back = new Peer();
        back.clocks.putAll(a.clocks); // it has removed the states
        back.sends(A, a.clocks.get(A), "1");
        sleep(1);
        assertThat(back.sees(1)).isEqualTo("{}");
    }

    @Test
    void clientsOfARestartedServerSeeEachOtherAtOnce() {
        Peer a = established(A);
        a.closesCleanly();
        watcher.closesCleanly();
        assertThat(documents.count()).isZero();
        Peer first = new Peer();
        Peer second = new Peer();
        first.clocks.putAll(Map.of(1L, 5L, A, 9L));
        second.clocks.putAll(first.clocks);
        first.sends(1, 5, "{}");
        second.sends(A, 9, "1");
        assertThat(first.sees(A)).isEqualTo("1");
        assertThat(second.sees(1)).isEqualTo("{}");
    }

    @Test
    void clientWhoseClockIsBehindKeepsItsState() {
        Peer a = established(A);
        a.sends(A, a.clocks.get(A) + 10, "10");
        a.disconnects();
        Peer back = new Peer();
        back.sends(A, 1, "1");
        assertThat(back.queries).isOne();
        assertThat(back.sees(A))
                .as("it receives its own removal, and sets its state again")
                .isNull();
        back.sends(A, back.clocks.get(A) + 1, "2");
        assertThat(watcher.sees(A)).isEqualTo("2");
    }

    @Test
    void claimIsRefusedIfTheOwnerAnswers() {
        Peer a = established(A);
        Peer impostor = new Peer();
        impostor.sendsAll(List.of(1L, A), 1000, "\"false\"");
        assertThat(a.queries).isOne();
        a.sends(A, a.clocks.get(A), "1"); // the answer
        watcher.sends(1, watcher.clocks.get(1L), "{}");
        sleep(5);
        impostor.sends(A, 2000, "\"false\"");
        assertThat(watcher.sees(A)).isEqualTo("1");
        a.disconnects();
        sleep(1);
        impostor.sends(A, 2000, "\"false\"");
        assertThat(watcher.sees(A)).isEqualTo("1");
        assertReconnects(a);
    }

    @Test
    void claimIsAdmittedIfTheOwnerDoesNotAnswer() {
        Peer a = established(A); // its connection is dead unnoticed
        Peer again = new Peer();
        again.sends(A, a.clocks.get(A), "1");
        sleep(2);
        assertThat(again.queries).isEqualTo(2);
        again.sends(A, again.clocks.get(A) + 1, "2");
        assertThat(watcher.sees(A)).isEqualTo("2");
        a.disconnects();
        sleep(10);
        assertThat(watcher.sees(A)).isEqualTo("2");
        again.closesCleanly();
        assertThat(watcher.sees(A)).isNull();
    }

    @Test
    void idOfABrokenConnectionPassesToTheClaimant() {
        Peer a = established(A);
        Peer again = new Peer();
        again.sends(A, a.clocks.get(A), "1");
        a.disconnects();
        again.sends(A, again.clocks.get(A) + 1, "2");
        assertThat(watcher.sees(A)).isEqualTo("2");
    }

    @Test
    void firstImpostorDoesNotSilenceTheOwner() {
        Peer a = established(A);
        a.disconnects();
        Peer impostor = new Peer();
        impostor.sends(A, 1000, "\"false\"");
        assertThat(watcher.sees(A)).isEqualTo("\"false\"");
        Peer back = new Peer();
        back.sends(A, a.clocks.get(A), "1");
        assertThat(watcher.sees(A)).isEqualTo("1");
        impostor.disconnects();
        sleep(10);
        back.sends(A, back.clocks.get(A) + 1, "2");
        assertThat(watcher.sees(A)).isEqualTo("2");
    }

    @Test
    void claimIsGrantedForOneLostConnection() {
        Peer a = established(A);
        Peer b = established(B);
        a.disconnects();
        b.disconnects();
        new Peer().sendsAll(List.of(A, B), 1000, "\"false\"");
        assertThat(watcher.sees(A)).isEqualTo("\"false\"");
        assertThat(watcher.sees(B)).isEqualTo("1");
    }

    @Test
    void excessAwarenessOfAMemberIsDropped() {
        Peer bot = new Peer();
        List<Long> ids = new ArrayList<>();
        for (long id = 1000; id < 1300; id++) {
            ids.add(id);
        }
        bot.sendsAll(ids.subList(0, 100), 1, "{}");
        bot.sendsAll(ids, 2, "{}");
        assertThat(watcher.states).hasSize(1 + 256);
        bot.sends(1000, 3, "\"" + "x".repeat(64 * 1024) + "\"");
        assertThat(watcher.sees(1000)).isEqualTo("{}");
        bot.sendsAll(ids.subList(0, 100), 4, "null");
        bot.sendsAll(ids.subList(256, 300), 1, "{}");
        assertThat(watcher.states).hasSize(1 + 200);
        assertThat(bot.closedWith).isNull();
    }

    @Test
    void fullDocumentCutsTheLargestShareForANewcomer() {
        List<Peer> greedy = new ArrayList<>();
        String state = "\"" + "x".repeat(3_000) + "\"";
        for (long i = 0; i < 6; i++) {
            Peer peer = new Peer();
            greedy.add(peer);
            for (long id = 0; id < 22; id++) {
                peer.sends(1000 + 100 * i + id, 1, state);
            }
        }
        long bytes = watcher.states.values().stream().mapToLong(String::length).sum();
        assertThat(bytes).isBetween(192L * 1024, 256L * 1024);
        Peer newcomer = new Peer();
        newcomer.sends(A, 1, state);
        assertThat(watcher.sees(A)).isEqualTo(state);
        assertThat(watcher.sees(1)).isEqualTo("{}");
        greedy.forEach(peer -> assertThat(peer.closedWith).isNull());
        assertThat(newcomer.closedWith).isNull();
    }
}
