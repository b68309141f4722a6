package dev.tutti.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.cluster.Cluster;
import dev.tutti.cluster.SimulatedRedis;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.Frame;
import dev.tutti.hub.Hub;
import dev.tutti.hub.JoinResult;
import dev.tutti.hub.Metrics;
import dev.tutti.hub.Position;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.Publication;
import dev.tutti.hub.Removal;
import dev.tutti.hub.RoomEvent;
import dev.tutti.hub.Subscription;
import dev.tutti.security.Access;
import dev.tutti.security.UnavailableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A room of three servers, under random schedules of tasks, with connections to Redis that break, servers that die, and a Redis that restarts, with its
 * data or without the last writes. Each client receives exactly the publications of Redis, or is told that it may have missed some.
 */
class ClusterSimulationTest {
    private static final String ROOM = "a";
    private static final int SERVERS = 3;
    private static final int CLIENTS = 6;
    private static final int STEPS = 160;
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

        @Override
        public Frame removed(String room, Removal removal) {
            return Frame.text("removed");
        }
    };

    @Test
    void everyScheduleAgreesWithRedis() {
        World.simulate(world -> new History(world).run(), 10);
    }

    private record Server(Hub hub, Cluster cluster) {}

    /** A client over all its connections. */
    private static final class Reader {
        private @Nullable Position position;
    }

    private record Peer(Server server, Network network, Client client, Reader reader) {}

    private static final class History {
        private final World world;
        private final SimulatedRedis redis;
        private final List<Server> servers = new ArrayList<>();
        private final List<Reader> away = new ArrayList<>();
        private final List<Peer> peers = new ArrayList<>();
        private final List<CompletableFuture<Position>> stages = new ArrayList<>();
        /** What Redis has appended, ever. */
        private final Map<Position, String> appended = new HashMap<>();
        /** By data: the offsets that it has had. */
        private final Map<String, Set<Long>> offsets = new HashMap<>();
        /** By offset; without what Redis may have lost. */
        private final TreeMap<Long, String> acknowledged = new TreeMap<>();

        private int names;
        private int published;

        History(World world) {
            this.world = world;
            this.redis = new SimulatedRedis(world, world, this::appended);
            for (int i = 0; i < SERVERS; i++) {
                servers.add(start());
            }
            for (int i = 0; i < CLIENTS; i++) {
                away.add(new Reader());
            }
        }

        private void appended(Position position, String data) {
            assertThat(appended.put(position, data)).as("given again").isNull();
            offsets.computeIfAbsent(data, of -> new HashSet<>()).add(position.offset());
        }

        private Server start() {
            Map<String, String> limits = Map.of(
                    "max-messages-per-second", "0",
                    "ping-seconds", "0",
                    "max-send-seconds", "0", // no client is closed for slowness
                    "history", "*=" + HELD + "/100000/100000");
            Cluster cluster = redis.newCluster();
            return new Server(
                    new Hub(World.limits(limits), "h" + ++names, world, 2, world, Metrics.NONE, cluster), cluster);
        }

        void run() {
            for (int i = 0; i < STEPS; i++) {
                step();
                List.copyOf(peers).forEach(this::read);
            }
            redis.setAway(false);
            while (!away.isEmpty()) {
                connect();
            }
            settle();
            Position top = redis.top(ROOM);
            for (Peer peer : peers) {
                assertThat(peer.client.memberships().get(ROOM)).isNotNull();
                assertThat(peer.reader.position).isEqualTo(top);
                assertThat(peer.server.hub.members(ROOM))
                        .as("members at one server; in Redis: %s", redis.members(ROOM))
                        .hasSize(CLIENTS);
            }
            expectAcknowledged();
            peers.forEach(peer -> peer.client.disconnected());
            peers.clear();
            settle();
            assertThat(stages).allSatisfy(stage -> assertThat(stage).isDone());
            for (Server server : servers) {
                assertThat(server.hub.roomCount()).isZero();
                assertThat(server.hub.budget().usedBytes(Budget.Share.HISTORY)).isZero();
                assertThat(server.hub.budget().usedBytes(Budget.Share.INPUT)).isZero();
            }
        }

        private void settle() {
            for (int i = 0; i < 16; i++) {
                for (boolean progress = true; progress; ) {
                    world.runAll();
                    progress = false;
                    for (Peer peer : peers) {
                        progress |= peer.network.progress();
                    }
                }
                List.copyOf(peers).forEach(this::read);
                tick(1_000);
            }
            world.runAll();
        }

        private void tick(int millis) {
            world.passMillis(millis);
            for (Server server : servers) {
                server.cluster.tick();
                server.hub.tick();
            }
        }

        private void expectAcknowledged() {
            Map<Long, String> retained = redis.retained(ROOM);
            Position top = redis.top(ROOM);
            acknowledged.forEach((offset, data) -> {
                assertThat(offset).isLessThanOrEqualTo(top.offset());
                if (offset > top.offset() - HELD) {
                    assertThat(retained).containsEntry(offset, data);
                }
            });
        }

        private void step() {
            switch (world.number(20)) {
                case 0, 1 -> connect();
                case 2, 3, 4 -> publish();
                case 5 -> publishOverHttp();
                case 6 -> leave();
                case 7 -> tick(world.number(3_000));
                case 8 -> fail();
                default -> world.runOne();
            }
        }

        private void fail() {
            switch (world.number(8)) {
                case 0, 1, 2 -> redis.breakConnection(world.number(SERVERS));
                case 3 -> redis.setAway(world.happens(50));
                case 4 -> redis.save();
                case 5 -> restartRedis();
                case 6 -> killServer();
                default -> {} // none
            }
        }

        private void restartRedis() {
            boolean losesWrites = world.happens(50);
            redis.restart(losesWrites);
            if (losesWrites) {
                acknowledged.clear();
            }
        }

        private void killServer() {
            Server killed = servers.remove(world.number(SERVERS));
            for (Peer peer : List.copyOf(peers)) {
                if (peer.server.equals(killed)) {
                    leave(peer);
                }
            }
            killed.cluster.close();
            servers.add(start());
        }

        private void connect() {
            if (!away.isEmpty()) {
                Server server = world.oneOf(servers);
                Network network = new Network(world, world.happens(50) ? 0 : 60);
                Peer peer = new Peer(
                        server,
                        network,
                        server.hub.connect(network, SIMULATED, "", Access.unrestricted("user")),
                        away.remove(world.number(away.size())));
                peers.add(peer);
                join(peer);
            }
        }

        /** Joins when the room is prepared, as the sessions of a client do. */
        private void join(Peer peer) {
            if (peer.client.hasEnded() || !peers.contains(peer)) {
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
                world.passMillis(200);
                if (servers.contains(peer.server)) {
                    peer.server.cluster.tick();
                }
                world.execute(() -> join(peer)); // the client tries again later
            }
        }

        private static String answer(@Nullable Position since, JoinResult joined) {
            Position top = joined.position();
            if (joined.recovered()) {
                assertThat(since).isNotNull();
                assertThat(since.epoch()).isEqualTo(top.epoch());
                long offset = since.offset();
                for (Publication message : joined.messages()) {
                    assertThat(message.offset()).isEqualTo(++offset);
                }
                assertThat(offset).isEqualTo(top.offset());
            } else {
                assertThat(joined.messages()).isEmpty();
                if (since != null && since.epoch().equals(top.epoch())) {
                    assertThat(since.offset()).as("a needless loss").isLessThan(top.offset() - HELD);
                }
            }
            StringBuilder frame =
                    new StringBuilder("joined ").append(top.epoch()).append(' ').append(top.offset());
            joined.messages().forEach(message -> frame.append(' ').append(message.data()));
            return frame.toString();
        }

        private void publish() {
            Subscription subscription = peers.isEmpty()
                    ? null
                    : world.oneOf(peers).client.memberships().get(ROOM);
            if (subscription != null) {
                String data = data();
                published(data, subscription.publish(data, data, true));
            }
        }

        /** Publishes without being a member. */
        private void publishOverHttp() {
            String data = "\"http-" + ++published + '"';
            try {
                published(data, world.oneOf(servers).hub.publish(ROOM, data, data));
            } catch (UnavailableException e) {
                // Redis is away
            }
        }

        /** Returns new data, or that of an earlier publication, which its publisher repeats. */
        private String data() {
            boolean again = world.happens(30) && published > 0;
            int number = again ? published - world.number(Math.min(published, HELD / 4)) : ++published;
            return "\"" + number + '"';
        }

        private void published(String data, CompletionStage<Position> stage) {
            stages.add(stage.toCompletableFuture());
            var unused = stage.thenAccept(position -> {
                assertThat(offsets.getOrDefault(data, Set.of())).contains(position.offset());
                Position top = redis.top(ROOM);
                boolean isThere = position.epoch().equals(top.epoch()) && position.offset() <= top.offset();
                if (isThere) { // else Redis has lost it between its answer and this task
                    acknowledged.put(position.offset(), data);
                }
            });
        }

        private void leave() {
            if (!peers.isEmpty()) {
                leave(world.oneOf(peers));
            }
        }

        private void leave(Peer peer) {
            read(peer);
            peers.remove(peer);
            peer.client.disconnected();
            away.add(peer.reader);
        }

        /** Reads the frames that have arrived, and checks that they continue without a gap. */
        private void read(Peer peer) {
            Reader reader = peer.reader;
            for (Frame frame : peer.network.take()) {
                String[] words = frame.text().split(" ", -1);
                switch (words[0]) {
                    case "removed" -> join(peer);
                    case "joined" -> {
                        long top = Long.parseLong(words[2]);
                        for (int i = 3; i < words.length; i++) {
                            long offset = top - (words.length - 1 - i);
                            assertThat(appended).containsEntry(new Position(words[1], offset), words[i]);
                        }
                        reader.position = new Position(words[1], top);
                    }
                    default -> {
                        assertThat(reader.position).isNotNull();
                        Position next = new Position(reader.position.epoch(), reader.position.offset() + 1);
                        assertThat(Long.parseLong(words[1])).isEqualTo(next.offset());
                        assertThat(appended).containsEntry(next, words[2]);
                        reader.position = next;
                    }
                }
            }
        }
    }
}
