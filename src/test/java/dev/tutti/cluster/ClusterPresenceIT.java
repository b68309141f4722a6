package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.Member;
import dev.tutti.hub.Members;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.Publication;
import dev.tutti.hub.Removal;
import dev.tutti.hub.RoomEvent;
import dev.tutti.hub.Subscription;
import dev.tutti.hub.Transport;
import dev.tutti.security.Access;
import dev.tutti.security.UnavailableException;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The members of a room on several servers in one JVM, on one Redis. */
class ClusterPresenceIT extends ClusterServers {
    private static final String ROOM = "team";
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(10);

    private final List<Person> people = new ArrayList<>();

    private ClusterHub server(Map<String, String> settings, ClusterMetrics metrics) {
        ClusterHub server = start(settings, metrics);
        server.awaitConnection();
        return server;
    }

    private Person person(ClusterHub server) {
        Person person = new Person(server);
        people.add(person);
        return person;
    }

    /** Waits until every server and every client has the list of all who are in the room. */
    private void awaitLists() {
        Map<String, String> all = new TreeMap<>();
        people.stream().filter(Person::isIn).forEach(one -> all.put(one.client.id(), one.state));
        await().atMost(WAIT).pollInterval(POLL).untilAsserted(() -> {
            for (ClusterHub server : servers) {
                assertThat(states(server.hub().directory().members(ROOM).list()))
                        .isEqualTo(all);
            }
            people.stream()
                    .filter(Person::isIn)
                    .forEach(one -> assertThat(one.list()).as(one.toString()).isEqualTo(all));
        });
    }

    private static Map<String, String> states(@Nullable List<Member> members) {
        Map<String, String> states = new TreeMap<>();
        if (members != null) {
            members.forEach(member -> states.put(member.client(), String.valueOf(member.state())));
        }
        return states;
    }

    @Test
    void listsHoldTheMembersOfAllServers() throws Exception {
        for (int i = 0; i < 3; i++) {
            ClusterHub server = server(Map.of(), ClusterMetrics.NONE);
            for (int j = 0; j < 3; j++) {
                person(server).join("\"" + i + j + "\"");
            }
        }
        awaitLists();
        people.get(0).setState("\"new\"");
        people.get(0).setState("\"newer\"");
        people.get(3).leave();
        people.get(8).client.disconnected();
        awaitLists();
        people.get(3).join("\"again\"");
        awaitLists();

        redis.suspend(); // changes wait
        people.get(3).leave();
        people.get(4).setState("\"late\"");
        person(servers.get(1)).join("\"tenth\"");
        redis.resume();
        awaitLists();
    }

    @Test
    void restartOfAnEmptyRedisBringsAllMembersBack() throws IOException {
        for (int i = 0; i < 2; i++) {
            ClusterHub server = server(Map.of(), ClusterMetrics.NONE);
            person(server).join("\"" + i + "\"");
            person(server).join(null);
        }
        awaitLists();
        redis.kill();
        redis.start();
        for (Person person : people) {
            await().atMost(WAIT).pollInterval(POLL).until(() -> !person.isIn()); // it was told the loss
            person.join("\"back\"");
        }
        awaitLists();
    }

    @Test
    void refusedChangesAreMadeLater() {
        for (int i = 0; i < 2; i++) {
            ClusterHub server = server(Map.of(), ClusterMetrics.NONE);
            person(server).join(null);
            person(server).join(null);
        }
        awaitLists();
        RedisClient administrator = RedisClient.create(redis.address());
        try {
            var commands = administrator.connect().sync();
            commands.configSet("maxmemory", "1");
            people.get(1).setState("\"new\"");
            person(servers.get(0)).join(null);
            await().atMost(WAIT)
                    .pollInterval(POLL)
                    .until(() ->
                            String.valueOf(servers.get(0).cluster().problem()).contains("OOM"));
            commands.configSet("maxmemory", "0");
        } finally {
            administrator.shutdown(0, 1, TimeUnit.SECONDS);
        }
        awaitLists();
    }

    @Test
    void publicationComesBetweenEnteringAndLeaving() {
        ClusterHub server = server(Map.of(), ClusterMetrics.NONE);
        Person other = person(server(Map.of(), ClusterMetrics.NONE));
        other.join(null);
        for (int i = 0; i < 10; i++) {
            Person person = person(server);
            person.join(null);
            person.subscription().publishUnacknowledged("\"" + person.client.id() + "\"");
            person.leave();
            String id = person.client.id();
            await().atMost(WAIT).pollInterval(POLL).until(() -> other.events.contains("\"" + id + "\""));
            awaitLists();
            List<String> seen = other.events.stream()
                    .filter(event -> event.contains(id))
                    .map(event -> event.substring(0, 1))
                    .toList();
            // a client that has left before the first call never enters
            assertThat(seen).isIn(List.of("+", "\"", "-"), List.of("\""));
        }
    }

    @Test
    void herdOfJoinsIsAFewCalls() {
        AtomicInteger calls = new AtomicInteger();
        ClusterMetrics metrics = new ClusterMetrics() {
            @Override
            public void called(String operation, long nanos) {
                calls.addAndGet(operation.equals("member") ? 1 : 0);
            }

            @Override
            public void gapFound() {}
        };
        ClusterHub server = server(Map.of("max-listed-clients", "200"), metrics);
        Person other = person(server(Map.of("max-listed-clients", "200"), ClusterMetrics.NONE));
        other.join(null);
        person(server).join(null);
        awaitLists();
        int herd = 1_000;
        for (int i = 0; i < herd; i++) {
            person(server).join(null);
        }
        await().atMost(WAIT)
                .pollInterval(POLL)
                .until(() -> other.server.hub().directory().members(ROOM).count() == herd + 2);
        assertThat(other.server.hub().directory().members(ROOM).list()).isNull();
        assertThat(calls).hasValueLessThan(herd / 4);
        await().atMost(WAIT).pollInterval(POLL).until(() -> other.counted);
    }

    /** Encodes events as lines that a {@link Person} reads. */
    private static final Protocol PROTOCOL = new Protocol() {
        @Override
        public Frame encode(String room, RoomEvent event) {
            if (event instanceof Publication publication) {
                return Frame.text(publication.data());
            } else if (event instanceof RoomEvent.MemberJoined joined) {
                return Frame.text("+" + text(joined.member()));
            } else if (event instanceof RoomEvent.MemberLeft left) {
                return Frame.text("-" + left.member().client());
            } else if (event instanceof RoomEvent.PresenceChanged presence) {
                return Frame.text("=" + text(presence.member()));
            } else if (event instanceof RoomEvent.MembersChanged changed) {
                return list(changed.members());
            }
            throw new AssertionError(event);
        }

        @Override
        public boolean receivesPresence() {
            return true;
        }

        @Override
        public Frame removed(String room, Removal removal) {
            return Frame.text("removed");
        }
    };

    private static Frame list(Members members) {
        List<Member> list = members.list();
        return Frame.text(
                list == null
                        ? "?"
                        : "#"
                                + String.join(
                                        " ",
                                        list.stream()
                                                .map(ClusterPresenceIT::text)
                                                .toList()));
    }

    private static String text(Member member) {
        return member.client() + "=" + member.state();
    }

    /** A client that keeps its list from what it receives. Safe for any thread. */
    private static final class Person implements Transport {
        private final ClusterHub server;
        private final Client client;
        private final List<String> events = new CopyOnWriteArrayList<>();
        private String state = "null";
        private final Map<String, String> list = new TreeMap<>(); // guarded by this
        private volatile boolean counted;

        Person(ClusterHub server) {
            this.server = server;
            this.client = server.hub().connect(this, PROTOCOL, "", Access.unrestricted(""));
        }

        boolean isIn() {
            return client.memberships().get(ROOM) != null;
        }

        void join(@Nullable String shown) {
            if (!isPrepared()) {
                await().atMost(WAIT).pollInterval(POLL).until(this::isPrepared);
            }
            state = String.valueOf(shown);
            client.memberships().join(ROOM, null, shown, found -> ClusterPresenceIT.list(found.members()));
        }

        private boolean isPrepared() {
            try {
                return client.memberships().prepareJoin(ROOM, null) == null;
            } catch (UnavailableException e) {
                return false; // Redis is away
            }
        }

        void leave() {
            client.memberships().leave(ROOM, () -> Frame.text("left"));
        }

        Subscription subscription() {
            Subscription subscription = client.memberships().get(ROOM);
            if (subscription == null) {
                throw new AssertionError("not in the room");
            }
            return subscription;
        }

        void setState(String shown) {
            subscription().setState(shown);
            state = shown;
        }

        synchronized Map<String, String> list() {
            return new TreeMap<>(list);
        }

        private synchronized void receive(String line) {
            if (events.size() < 200) {
                events.add(line);
            }
            String[] parts = line.substring(1).split("=", 2);
            switch (line.charAt(0)) {
                case '#' -> {
                    list.clear();
                    counted = false;
                    for (String one : line.substring(1).split(" ", -1)) {
                        int end = one.indexOf('=');
                        list.put(one.substring(0, end), one.substring(end + 1));
                    }
                }
                case '?' -> {
                    list.clear();
                    counted = true;
                }
                case '+', '=' -> list.put(parts[0], parts[1]);
                case '-' -> list.remove(parts[0]);
                default -> {}
            }
        }

        @Override
        public int send(Batch batch, int from, Completion done) {
            for (int i = from; i < batch.size(); i++) {
                receive(batch.frame(i).text());
            }
            done.done(null);
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {
            handedOver.run();
        }

        @Override
        public void close(CloseCode code, String reason) {}

        @Override
        public synchronized String toString() {
            return client.id() + " " + events;
        }
    }
}
