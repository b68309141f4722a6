package dev.tutti.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.ysync.MessageType;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
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

/** Each sequence in which stock clients lose each other, and liars who try to bring it about. A's id is 7. */
class DocumentAwarenessTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long A = 7;
    private static final long B = 8;

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Time time = new Time();
    private final Documents documents = new Documents(
            Settings.read(Limits.class, name -> null),
            new Budget(1 << 20),
            new MemoryStore(),
            tasks::add,
            time,
            (task, nanos) -> tasks.add(task));
    private final Peer watcher = new Peer();

    @BeforeEach
    void watcherIsThere() {
        watcher.says(1, 1, "{}");
        sleep(60); // the document is not young any more
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

    /** A client, and what it has heard of whom. */
    private final class Peer implements Transport {
        private final Map<Long, String> states = new LinkedHashMap<>();
        private final Map<Long, Long> clocks = new LinkedHashMap<>();
        private final Client client;
        private final YWebsocketConnection connection;
        private int asked;
        private @Nullable CloseCode closedWith;

        Peer() {
            Hub hub = new Hub(Settings.read(Limits.class, name -> null), "h", tasks::add, 1, time);
            client = hub.connect(this, Documents.PROTOCOL, "", "");
            connection = YWebsocketConnection.open(documents, "a", client, false);
            runAll();
        }

        /** Says one thing of one. */
        void says(long id, long clock, String state) {
            saysOf(List.of(id), clock, state);
        }

        /** Says the same of some, in one message. */
        void saysOf(List<Long> ids, long clock, String state) {
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

        /** Repeats what it has heard, as y-websocket does. */
        void echoes(long id) {
            says(id, clocks.getOrDefault(id, 0L), states.getOrDefault(id, "null"));
        }

        void vanishes() {
            client.disconnected();
            runAll();
        }

        void closes() {
            connection.closedCleanly();
            vanishes();
        }

        @Nullable
        String sees(long id) {
            return states.get(id);
        }

        @Override
        public int send(Batch batch, int from, Completion done) {
            for (int i = from; i < batch.size(); i++) {
                try {
                    hear(new Lib0Reader(batch.frame(i).payload()));
                } catch (MalformedUpdateException e) {
                    throw new AssertionError(e);
                }
            }
            done.done(null);
            return batch.size();
        }

        private void hear(Lib0Reader in) throws MalformedUpdateException {
            long kind = in.readVarUint();
            asked += kind == MessageType.AWARENESS_QUERY ? 1 : 0;
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

    /** Returns a connection that has announced an id for a minute. */
    private Peer longThere(long id) {
        Peer peer = new Peer();
        peer.says(id, 1, "1");
        sleep(60);
        return peer;
    }

    @Test
    void nobodyHearsOfOthersBeforeItHasSpoken() {
        Peer guest = new Peer();
        watcher.says(1, 100, "100");
        assertThat(guest.states).isEmpty();
        guest.says(A, 1, "{}");
        assertThat(guest.sees(1)).isEqualTo("100");
    }

    @Test
    void silentClientHearsOfOthersAfterASecond() {
        Peer silent = new Peer();
        sleep(1);
        assertThat(silent.sees(1)).isEqualTo("{}");
        assertThat(documents.count()).isOne();
    }

    @Test
    void ownerAloneSpeaksForItsId() {
        longThere(A);
        watcher.says(A, 100, "stolen".length() + "");
        assertThat(watcher.sees(A)).isEqualTo("1");
    }

    @Test
    void clientThatEchoesFirstRobsNobody() {
        Peer a = longThere(A);
        Peer silent = new Peer();
        a.vanishes();
        Peer late = new Peer();
        sleep(1);
        silent.echoes(A);
        late.echoes(A);
        assertThatComesBack(a);
    }

    @Test
    void newcomerThatEchoesAVanishedClientRobsNobody() {
        Peer a = longThere(A);
        a.vanishes();
        Peer b = new Peer();
        b.says(B, 1, "b");
        b.echoes(A);
        assertThatComesBack(a);
    }

    /** A comes back, is heard, nobody has seen it go, and its clean close is seen at once. */
    private void assertThatComesBack(Peer before) {
        Peer a = new Peer();
        a.says(A, before.clocks.get(A), "1");
        sleep(10);
        assertThat(watcher.sees(A)).isEqualTo("1");
        a.says(A, a.clocks.get(A) + 1, "2");
        assertThat(watcher.sees(A)).isEqualTo("2");
        a.closes();
        assertThat(watcher.sees(A)).isNull();
    }

    @Test
    void robbedByNobodyTheClientRobsNobody() {
        Peer a = longThere(A);
        Peer b = longThere(B);
        a.vanishes();
        b.vanishes();
        Peer again = new Peer();
        again.says(A, a.clocks.get(A), "1");
        again.echoes(B);
        assertThatComesBackAs(B, b);
    }

    private void assertThatComesBackAs(long id, Peer before) {
        Peer back = new Peer();
        back.says(id, before.clocks.get(id), "1");
        back.says(id, back.clocks.get(id) + 1, "2");
        assertThat(watcher.sees(id)).isEqualTo("2");
    }

    @Test
    void vanishedClientIsGoneAfterFourSeconds() {
        Peer a = longThere(A);
        a.vanishes();
        sleep(3);
        assertThat(watcher.sees(A)).isNotNull();
        sleep(1);
        assertThat(watcher.sees(A)).isNull();
    }

    @Test
    void clientThatIsBackSeesTheOthersWithinASecond() {
        Peer a = longThere(A);
        a.vanishes();
        Peer back = new Peer();
        back.clocks.putAll(a.clocks); // it has forgotten the states
        back.says(A, a.clocks.get(A), "1");
        sleep(1);
        assertThat(back.sees(1)).isEqualTo("{}");
    }

    @Test
    void clientsOfARestartedServerSeeEachOtherAtOnce() {
        Peer a = longThere(A);
        a.closes();
        watcher.closes();
        assertThat(documents.count()).isZero();
        Peer first = new Peer();
        Peer second = new Peer();
        first.clocks.putAll(Map.of(1L, 5L, A, 9L));
        second.clocks.putAll(first.clocks);
        first.says(1, 5, "{}");
        second.says(A, 9, "1");
        assertThat(first.sees(A)).isEqualTo("1");
        assertThat(second.sees(1)).isEqualTo("{}");
    }

    @Test
    void clientWhoseClockIsBehindKeepsItsState() {
        Peer a = longThere(A);
        a.says(A, a.clocks.get(A) + 10, "10");
        a.vanishes();
        Peer back = new Peer();
        back.says(A, 1, "1");
        assertThat(back.asked).isOne();
        assertThat(back.sees(A))
                .as("it is told that it has left, and so speaks louder")
                .isNull();
        back.says(A, back.clocks.get(A) + 1, "2");
        assertThat(watcher.sees(A)).isEqualTo("2");
    }

    @Test
    void claimOfAnIdThatAnswersIsRefused() {
        Peer a = longThere(A);
        Peer liar = new Peer();
        liar.saysOf(List.of(1L, A), 1000, "\"lie\"");
        assertThat(a.asked).isOne();
        a.says(A, a.clocks.get(A), "1"); // the answer
        watcher.says(1, watcher.clocks.get(1L), "{}");
        sleep(5);
        liar.says(A, 2000, "\"lie\"");
        assertThat(watcher.sees(A)).isEqualTo("1");
        a.vanishes();
        sleep(1);
        liar.says(A, 2000, "\"lie\"");
        assertThat(watcher.sees(A)).isEqualTo("1");
        assertThatComesBack(a);
    }

    @Test
    void claimIsAdmittedIfTheOwnerDoesNotAnswer() {
        Peer a = longThere(A); // whose connection is dead unnoticed
        Peer again = new Peer();
        again.says(A, a.clocks.get(A), "1");
        sleep(2);
        assertThat(again.asked).isEqualTo(2);
        again.says(A, again.clocks.get(A) + 1, "2");
        assertThat(watcher.sees(A)).isEqualTo("2");
        a.vanishes();
        sleep(10);
        assertThat(watcher.sees(A)).isEqualTo("2");
        again.closes();
        assertThat(watcher.sees(A)).isNull();
    }

    @Test
    void brokenConnectionPassesItsIdToTheOneThatWaits() {
        Peer a = longThere(A);
        Peer again = new Peer();
        again.says(A, a.clocks.get(A), "1");
        a.vanishes();
        again.says(A, again.clocks.get(A) + 1, "2");
        assertThat(watcher.sees(A)).isEqualTo("2");
    }

    @Test
    void liarThatCameFirstSilencesNobody() {
        Peer a = longThere(A);
        a.vanishes();
        Peer liar = new Peer();
        liar.says(A, 1000, "\"lie\"");
        assertThat(watcher.sees(A)).isEqualTo("\"lie\"");
        Peer back = new Peer();
        back.says(A, a.clocks.get(A), "1");
        assertThat(watcher.sees(A)).isEqualTo("1");
        liar.vanishes();
        sleep(10);
        back.says(A, back.clocks.get(A) + 1, "2");
        assertThat(watcher.sees(A)).isEqualTo("2");
    }

    @Test
    void claimIsGrantedForOneVanishedConnection() {
        Peer a = longThere(A);
        Peer b = longThere(B);
        a.vanishes();
        b.vanishes();
        new Peer().saysOf(List.of(A, B), 1000, "\"lie\"");
        assertThat(watcher.sees(A)).isEqualTo("\"lie\"");
        assertThat(watcher.sees(B)).isEqualTo("1");
    }

    @Test
    void excessOfAParticipantIsDropped() {
        Peer bot = new Peer();
        List<Long> ids = new ArrayList<>();
        for (long id = 1000; id < 1300; id++) {
            ids.add(id);
        }
        bot.saysOf(ids.subList(0, 100), 1, "{}");
        bot.saysOf(ids, 2, "{}");
        assertThat(watcher.states).hasSize(1 + 256);
        bot.says(1000, 3, "\"" + "x".repeat(64 * 1024) + "\"");
        assertThat(watcher.sees(1000)).isEqualTo("{}");
        bot.saysOf(ids.subList(0, 100), 4, "null");
        bot.saysOf(ids.subList(256, 300), 1, "{}");
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
                peer.says(1000 + 100 * i + id, 1, state);
            }
        }
        long bytes = watcher.states.values().stream().mapToLong(String::length).sum();
        assertThat(bytes).isBetween(192L * 1024, 256L * 1024);
        Peer newcomer = new Peer();
        newcomer.says(A, 1, state);
        assertThat(watcher.sees(A)).isEqualTo(state);
        assertThat(watcher.sees(1)).isEqualTo("{}");
        greedy.forEach(peer -> assertThat(peer.closedWith).isNull());
        assertThat(newcomer.closedWith).isNull();
    }
}
