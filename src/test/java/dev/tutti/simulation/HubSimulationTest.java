package dev.tutti.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.Frame;
import dev.tutti.hub.Hub;
import dev.tutti.hub.JoinResult;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.Position;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomEvent;
import dev.tutti.hub.Subscription;
import dev.tutti.security.Access;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Order, recovery, keys and the memory budget of rooms under random schedules and faults. */
class HubSimulationTest {
    private static final List<String> ROOMS = List.of("a", "b");
    private static final int STEPS = 120;

    /** Every so many histories, a room is large enough for several shards. */
    private static final int LARGE_ROOM_EVERY = 20;

    private static final int LARGE_ROOM_CLIENTS = 70;

    private static final Protocol SIMULATED = new Protocol() {
        @Override
        public @Nullable Frame encode(String room, RoomEvent event) {
            return event instanceof Publication publication
                    ? Frame.text("message " + room + ' ' + publication.offset() + ' ' + publication.data())
                    : null;
        }

        @Override
        public boolean receivesPresence() {
            return false;
        }
    };

    @Test
    void everyScheduleAgreesWithTheModel() {
        int[] number = {0};
        World.simulate(world -> new History(world, number[0]++ % LARGE_ROOM_EVERY == 0).run());
    }

    /** The position of a client in a room by its received frames. */
    private static final class Reader {
        /** Null until the reply to the join. */
        private @Nullable String epoch;

        private long offset;
    }

    private static final class Peer {
        private final Network network;
        private final Client client;
        private final Map<String, Reader> readers = new HashMap<>();
        /** The last received position of each room. */
        private final Map<String, Position> known;

        Peer(Network network, Client client, Map<String, Position> known) {
            this.network = network;
            this.client = client;
            this.known = known;
        }
    }

    private static final class History {
        private final World world;
        private final Hub hub;
        private final List<Peer> peers = new ArrayList<>();
        /** The known positions of ended connections, for peers that reconnect. */
        private final List<Map<String, Position>> remembered = new ArrayList<>();
        /** The data of publications by room, epoch and offset. */
        private final Map<String, String> log = new HashMap<>();

        private final Map<String, Position> keys = new HashMap<>();
        private int published;

        History(World world, boolean isLarge) {
            this.world = world;
            this.hub = new Hub(
                    World.limits(Map.of(
                            "max-messages-per-second", "0",
                            "max-queued-bytes", "2000",
                            "max-room-queued-bytes", "3000",
                            "history", "*=8/100000/30")),
                    "h",
                    world,
                    3,
                    world);
            if (isLarge) {
                for (int i = 0; i < LARGE_ROOM_CLIENTS; i++) {
                    hub.connect(new Network(world, 0), SIMULATED, "", Access.unrestricted(""))
                            .memberships()
                            .join("a", null, null, null);
                }
            }
        }

        void run() {
            for (int i = 0; i < STEPS; i++) {
                step();
                peers.forEach(this::read);
            }
            for (boolean progress = true; progress; ) {
                world.runAll();
                progress = false;
                for (Peer peer : peers) {
                    progress |= peer.network.progress();
                }
            }
            peers.forEach(this::read);
            peers.forEach(this::expectEverything);
            peers.forEach(peer -> peer.client.disconnected());
            world.runAll();
            assertThat(hub.budget().usedBytes(Budget.Share.INPUT)).isZero();
            assertThat(hub.budget().usedBytes(Budget.Share.OUTPUT)).isZero();
            world.passMillis(60_000);
            hub.tick();
            assertThat(hub.budget().usedBytes(Budget.Share.HISTORY)).isZero();
        }

        private void step() {
            switch (world.number(12)) {
                case 0 -> connect();
                case 1, 2, 3 -> publish();
                case 4 -> join();
                case 5 -> leave();
                case 6 -> leaveAndJoin();
                case 7 -> progress();
                case 8 -> vanish();
                case 9 -> {
                    world.passMillis(world.number(2_000));
                    hub.tick();
                }
                default -> world.runOne();
            }
        }

        private void connect() {
            if (peers.size() < 6) {
                Network network = new Network(world, world.happens(50) ? 0 : 60);
                Map<String, Position> known =
                        remembered.isEmpty() ? new HashMap<>() : remembered.remove(world.number(remembered.size()));
                peers.add(new Peer(network, hub.connect(network, SIMULATED, "", Access.unrestricted("user")), known));
            }
        }

        private void publish() {
            if (peers.isEmpty()) {
                return;
            }
            Subscription subscription = world.oneOf(peers).client.memberships().get(ROOMS.get(0));
            String room = ROOMS.get(0);
            if (subscription == null || world.happens(30)) {
                room = ROOMS.get(1);
                subscription = world.oneOf(peers).client.memberships().get(room);
            }
            if (subscription == null) {
                return;
            }
            String key = world.happens(30) ? room + world.number(3) : null;
            String data = "\"" + published++ + "\"";
            try {
                Position position = subscription
                        .publish(data, key, true)
                        .toCompletableFuture()
                        .join();
                Position before = key == null ? null : keys.put(key, position);
                String logged = log.putIfAbsent(at(room, position.epoch(), position.offset()), data);
                if (logged != null) { // published before, with this key
                    assertThat(position).isEqualTo(before);
                }
            } catch (LimitException e) {
                published--; // the room's mailbox is full
            }
        }

        private static String at(String room, String epoch, long offset) {
            return room + ' ' + epoch + ' ' + offset;
        }

        private void join() {
            if (!peers.isEmpty()) {
                join(world.oneOf(peers), world.oneOf(ROOMS));
            }
        }

        private void join(Peer peer, String room) {
            Position since = world.happens(80) ? peer.known.get(room) : null;
            try {
                peer.client.memberships().join(room, since, null, joined -> Frame.text(answer(room, since, joined)));
            } catch (LimitException e) {
                // too many answers wait
            }
        }

        /** Checks the result of a join, and returns its reply with the room's position. */
        private String answer(String room, @Nullable Position since, JoinResult joined) {
            if (joined.recovered()) {
                assertThat(since).isNotNull();
                assertThat(joined.position().epoch()).isEqualTo(since.epoch());
                long offset = since.offset();
                for (Publication message : joined.messages()) {
                    assertThat(message.offset()).isEqualTo(++offset);
                    assertThat(log).containsEntry(at(room, since.epoch(), offset), message.data());
                }
                assertThat(joined.position().offset()).isEqualTo(offset);
            } else {
                assertThat(joined.messages()).isEmpty();
            }
            return "joined " + room + ' ' + joined.position().epoch() + ' '
                    + joined.position().offset();
        }

        private void leave() {
            if (!peers.isEmpty()) {
                String room = world.oneOf(ROOMS);
                world.oneOf(peers).client.memberships().leave(room, () -> Frame.text("left " + room));
            }
        }

        private void leaveAndJoin() {
            if (!peers.isEmpty()) {
                Peer peer = world.oneOf(peers);
                String room = world.oneOf(ROOMS);
                if (peer.client.memberships().leave(room, () -> Frame.text("left " + room))) {
                    join(peer, room);
                }
            }
        }

        private void progress() {
            if (!peers.isEmpty()) {
                world.oneOf(peers).network.progress();
            }
        }

        private void vanish() {
            if (!peers.isEmpty() && world.happens(30)) {
                Peer peer = peers.remove(world.number(peers.size()));
                read(peer);
                if (world.happens(50)) {
                    peer.network.breakDown();
                    peer.network.progress();
                }
                peer.client.disconnected();
                remembered.add(peer.known);
            }
        }

        /** Reads the received frames, and checks that they continue without a gap. */
        private void read(Peer peer) {
            for (Frame frame : peer.network.take()) {
                String[] words = frame.text().split(" ", -1);
                String room = words[1];
                switch (words[0]) {
                    case "joined" -> {
                        Reader joined = new Reader();
                        joined.epoch = words[2];
                        joined.offset = Long.parseLong(words[3]);
                        assertThat(peer.readers.put(room, joined)).isNull();
                        peer.known.put(room, new Position(words[2], joined.offset));
                    }
                    case "left" -> assertThat(peer.readers.remove(room)).isNotNull();
                    default -> message(peer, room, Long.parseLong(words[2]), words[3]);
                }
            }
        }

        private void message(Peer peer, String room, long offset, String data) {
            Reader reader = peer.readers.get(room);
            assertThat(reader).isNotNull();
            assertThat(reader.epoch).isNotNull();
            assertThat(offset).isEqualTo(++reader.offset);
            assertThat(log).containsEntry(at(room, reader.epoch, offset), data);
            peer.known.put(room, new Position(reader.epoch, offset));
        }

        /** Checks that a connected peer has received everything. */
        private void expectEverything(Peer peer) {
            if (peer.network.isClosed()) {
                return;
            }
            peer.readers.forEach((room, reader) ->
                    assertThat(log).doesNotContainKey(at(room, String.valueOf(reader.epoch), reader.offset + 1)));
        }
    }
}
