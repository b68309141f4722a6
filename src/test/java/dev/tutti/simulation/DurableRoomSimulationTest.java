package dev.tutti.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.history.DurableHistory;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.Frame;
import dev.tutti.hub.Hub;
import dev.tutti.hub.JoinResult;
import dev.tutti.hub.Metrics;
import dev.tutti.hub.Position;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomEvent;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.Subscription;
import dev.tutti.security.Access;
import dev.tutti.security.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A room whose history is stored, under random schedules of tasks, failures of the store, crashes and stops of the server. What is acknowledged
 * is never lost, and a client that has recovered has received exactly the room's publications.
 */
class DurableRoomSimulationTest {
    private static final String ROOM = "a";
    private static final int STEPS = 120;
    private static final int HELD = 8;

    private static final Protocol SIMULATED = new Protocol() {
        @Override
        public @Nullable Frame encode(String room, RoomEvent event) {
            return event instanceof Publication publication
                    ? Frame.text("message " + publication.offset() + ' ' + publication.data())
                    : null;
        }

        @Override
        public boolean receivesPresence() {
            return false;
        }
    };

    @Test
    void everyScheduleAgreesWithTheModel() {
        World.simulate(world -> new History(world).run());
    }

    /** What a client has received, and was told to be complete, over all its connections. */
    private static final class Reader {
        private final TreeMap<Long, String> seen = new TreeMap<>();
        private @Nullable Position position;
    }

    private record Peer(Network network, Client client, Reader reader) {}

    private static final class History {
        private final World world;
        private final FlakyStore store;
        private final List<Reader> away = new ArrayList<>();
        private final List<CompletableFuture<Position>> stages = new ArrayList<>();
        /** The room's publications by offset; those that a crash has lost are replaced by the next ones. */
        private final TreeMap<Long, String> delivered = new TreeMap<>();

        private final TreeMap<Long, String> acknowledged = new TreeMap<>();
        private List<Peer> peers = new ArrayList<>();
        private DurableHistory history;
        private Hub hub;
        private int servers;
        /** Number of publications, by publisher: keys of the application are others than those of a user. */
        private final int[] published = new int[2];

        History(World world) {
            this.world = world;
            this.store = new FlakyStore(world);
            for (int i = 0; i < 4; i++) {
                away.add(new Reader());
            }
            start();
        }

        private void start() {
            DurableHistory opened = new DurableHistory(store, 0, 0);
            RoomLogs recorded = context -> {
                RoomLog.Factory logs = opened.in(context);
                return new RoomLog.Factory() {
                    @Override
                    public RoomLog open(String room, RoomLog.Subscriber subscriber) {
                        return logs.open(room, new Recorder(subscriber));
                    }

                    @Override
                    public boolean needsPreparation() {
                        return true;
                    }
                };
            };
            Map<String, String> limits = Map.of(
                    "max-messages-per-second", "0",
                    "ping-seconds", "0",
                    "max-send-seconds", "0", // no client is closed for slowness
                    "history", "*=" + HELD + "/100000/100000");
            history = opened;
            hub = new Hub(World.limits(limits), "h" + ++servers, world, 3, world, Metrics.NONE, recorded);
        }

        /** Notes what the room delivers. */
        private final class Recorder implements RoomLog.Subscriber {
            private final RoomLog.Subscriber room;

            Recorder(RoomLog.Subscriber room) {
                this.room = room;
            }

            @Override
            public void requireRoom(int bytes) {
                room.requireRoom(bytes);
            }

            @Override
            public void deliverToMembers(Publication publication) {
                long offset = publication.offset();
                assertThat(acknowledged.tailMap(offset)).as("given again").isEmpty();
                delivered.tailMap(offset).clear();
                assertThat(delivered.tailMap(offset - HELD).values()).doesNotContain(publication.data());
                delivered.put(offset, publication.data());
                room.deliverToMembers(publication);
            }

            @Override
            public void notifyListeners(Publication publication) {
                room.notifyListeners(publication);
            }

            @Override
            public void lost() {
                room.lost();
            }

            @Override
            public void wake() {
                room.wake();
            }
        }

        void run() {
            for (int i = 0; i < STEPS; i++) {
                step();
                peers.forEach(this::read);
            }
            store.failPercent(0);
            if (world.happens(50)) {
                crash();
            }
            while (!away.isEmpty()) {
                connect();
            }
            settle();
            for (Peer peer : peers) {
                assertThat(peer.client.memberships().get(ROOM)).isNotNull();
                peer.reader.seen.forEach((offset, data) -> assertThat(delivered).containsEntry(offset, data));
            }
            expectAcknowledged();
            peers.forEach(peer -> peer.client.disconnected());
            settle();
            assertThat(stages).allSatisfy(stage -> assertThat(stage).isDone());
            assertThat(hub.roomCount()).isZero();
            assertThat(hub.budget().usedBytes(Budget.Share.HISTORY)).isZero();
            assertThat(hub.budget().usedBytes(Budget.Share.INPUT)).isZero();
        }

        private void settle() {
            for (int i = 0; i < 4; i++) {
                for (boolean progress = true; progress; ) {
                    world.runAll();
                    progress = false;
                    for (Peer peer : peers) {
                        progress |= peer.network.progress();
                    }
                }
                peers.forEach(this::read);
                world.passMillis(6_000);
                hub.tick();
            }
            world.runAll();
        }

        private void expectAcknowledged() {
            var page = hub.directory().latest(ROOM, HELD);
            assertThat(page).isNotNull();
            Map<Long, String> held = new TreeMap<>();
            page.messages().forEach(publication -> held.put(publication.offset(), publication.data()));
            long last = page.position().offset();
            acknowledged.forEach((offset, data) -> {
                assertThat(offset).isLessThanOrEqualTo(last);
                if (offset > last - HELD) {
                    assertThat(held).containsEntry(offset, data);
                }
            });
        }

        private void step() {
            switch (world.number(14)) {
                case 0, 1 -> connect();
                case 2, 3, 4 -> publish();
                case 5 -> publishOverHttp();
                case 6 -> leave();
                case 7 -> {
                    world.passMillis(world.number(8_000));
                    hub.tick();
                }
                case 8 -> store.failPercent(world.happens(70) ? 0 : 40);
                case 9 -> {
                    if (world.happens(15)) {
                        crash();
                    } else if (world.happens(10)) {
                        stop();
                    }
                }
                default -> world.runOne();
            }
        }

        private void connect() {
            if (!away.isEmpty()) {
                Network network = new Network(world, world.happens(50) ? 0 : 60);
                Peer peer = new Peer(
                        network,
                        hub.connect(network, SIMULATED, "", Access.unrestricted("user")),
                        away.remove(world.number(away.size())));
                peers.add(peer);
                join(peer);
            }
        }

        /** Joins when the room is prepared, as the sessions of a client do. */
        private void join(Peer peer) {
            if (peer.client.hasEnded()) {
                return;
            }
            Position since = peer.reader.position;
            try {
                CompletionStage<?> unprepared = peer.client.memberships().prepareJoin(ROOM, since);
                if (unprepared == null) {
                    peer.client.memberships().join(ROOM, since, null, joined -> Frame.text(answer(since, joined)));
                } else {
                    var unused = unprepared.thenRunAsync(() -> join(peer), world);
                }
            } catch (UnavailableException e) {
                world.passMillis(500);
                world.execute(() -> join(peer)); // the client tries again later
            }
        }

        private static String answer(@Nullable Position since, JoinResult joined) {
            if (joined.recovered()) {
                assertThat(since).isNotNull();
                long offset = since.offset();
                for (Publication message : joined.messages()) {
                    assertThat(message.offset()).isEqualTo(++offset);
                }
                assertThat(offset).isEqualTo(joined.position().offset());
            } else {
                assertThat(joined.messages()).isEmpty();
            }
            StringBuilder frame = new StringBuilder("joined ")
                    .append(joined.position().epoch())
                    .append(' ')
                    .append(joined.position().offset())
                    .append(' ')
                    .append(joined.recovered());
            joined.messages().forEach(message -> frame.append(' ').append(message.data()));
            return frame.toString();
        }

        private void publish() {
            Subscription subscription = peers.isEmpty()
                    ? null
                    : world.oneOf(peers).client.memberships().get(ROOM);
            if (subscription != null) {
                String data = data(0);
                published(data, subscription.publish(data, data, true));
            }
        }

        /** Publishes without being a member, also in a room that is not in memory. */
        private void publishOverHttp() {
            String data = data(1);
            try {
                published(data, hub.publish(ROOM, data, data));
            } catch (UnavailableException e) {
                // the room could not be read
            }
        }

        /** Returns new data, or that of an earlier publication, which its publisher repeats. */
        private String data(int publisher) {
            boolean again = world.happens(30) && published[publisher] > 0;
            int number = again
                    ? published[publisher] - world.number(Math.min(published[publisher], HELD / 4))
                    : ++published[publisher];
            return "\"" + publisher + '-' + number + '"';
        }

        private void published(String data, CompletionStage<Position> stage) {
            stages.add(stage.toCompletableFuture());
            int server = servers;
            var unused = stage.whenComplete((position, failure) -> {
                if (failure == null && server == servers) {
                    assertThat(delivered).containsEntry(position.offset(), data);
                    acknowledged.put(position.offset(), data);
                }
            });
        }

        private void leave() {
            if (!peers.isEmpty()) {
                Peer peer = peers.remove(world.number(peers.size()));
                read(peer);
                peer.client.disconnected();
                away.add(peer.reader);
            }
        }

        private void crash() {
            peers.forEach(this::read);
            peers.forEach(peer -> away.add(peer.reader));
            peers = new ArrayList<>();
            stages.clear();
            world.dropTasks();
            start();
        }

        private void stop() {
            store.failPercent(0);
            while (!peers.isEmpty()) {
                leave();
            }
            settle();
            try {
                history.close(0);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            start();
        }

        /** Reads the frames that have arrived, and checks that they continue without a gap. */
        private void read(Peer peer) {
            Reader reader = peer.reader;
            for (Frame frame : peer.network.take()) {
                String[] words = frame.text().split(" ", -1);
                if (words[0].equals("joined")) {
                    long offset = Long.parseLong(words[2]);
                    if (!Boolean.parseBoolean(words[3])) {
                        reader.seen.clear();
                    }
                    long first = offset - (words.length - 4);
                    for (int i = 4; i < words.length; i++) {
                        reader.seen.put(first + i - 3, words[i]);
                    }
                    reader.position = new Position(words[1], offset);
                    reader.seen.forEach((seen, data) -> assertThat(delivered).containsEntry(seen, data));
                } else {
                    assertThat(reader.position).isNotNull();
                    long offset = Long.parseLong(words[1]);
                    assertThat(offset).isEqualTo(reader.position.offset() + 1);
                    reader.seen.put(offset, words[2]);
                    reader.position = new Position(reader.position.epoch(), offset);
                }
            }
        }
    }
}
