package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.hub.Member;
import dev.tutti.hub.MembersUpdate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts for members on a real Redis, whose clock the test sets. */
class MemberScriptIT {
    private static final int MAX_LISTED = 4;
    private static final int MAX_BYTES = 10_000;

    @TempDir
    static Path directory;

    private static RedisServer server;
    private static LettuceConnector connector;
    private static Redis redis;
    private static final List<byte[]> received = new CopyOnWriteArrayList<>();
    private static final AtomicInteger rooms = new AtomicInteger();

    private RoomKeys keys;
    private long millis;

    @BeforeAll
    static void startRedis() throws IOException {
        server = RedisServer.start(directory);
        connector = new LettuceConnector(server.address(), "");
        Redis.Listener listener = new Redis.Listener() {
            @Override
            public void received(String channel, byte[] message) {
                received.add(message);
            }

            @Override
            public void ended(Redis connection) {}
        };
        redis = connector.connect(listener).toCompletableFuture().join();
    }

    @AfterAll
    static void stopRedis() {
        if (server != null) {
            connector.close();
            server.close();
        }
    }

    /** Each test has a room and a part of its own. */
    @BeforeEach
    void subscribe() {
        keys = RoomKeys.of("test" + rooms.incrementAndGet(), "room");
        redis.subscribe(keys.channel());
        received.clear();
    }

    private static Member member(String client, String state) {
        return new Member(client, "user", state);
    }

    private static MembersUpdate.Put put(String client, String state) {
        return new MembersUpdate.Put(member(client, state));
    }

    /** Changes members as one server, and returns its attendance. */
    private String change(String from, MembersUpdate.Change... changes) {
        List<byte[]> arguments = new ArrayList<>();
        for (Object argument : List.of(
                millis, "g", from, 1, keys.channel(), "epoch", MAX_LISTED, MAX_BYTES, 600_000, changes.length)) {
            arguments.add(argument.toString().getBytes(UTF_8));
        }
        for (MembersUpdate.Change change : changes) {
            arguments.add(change.client().getBytes(UTF_8));
            arguments.add(change instanceof MembersUpdate.Put put ? MemberEntry.encode(put.member()) : new byte[0]);
        }
        List<String> all = new ArrayList<>(List.of(keys.servers()));
        all.addAll(keys.withMembers());
        return ScriptAnswers.text(run(Script.MEMBER, all, arguments).get(0));
    }

    /** Returns attendance, epoch, top, number of the last change, and whether the room is small. */
    private List<String> check(String from) {
        List<byte[]> arguments = new ArrayList<>();
        for (Object argument : List.of(millis, from, keys.channel(), MAX_LISTED, MAX_BYTES, 600_000)) {
            arguments.add(argument.toString().getBytes(UTF_8));
        }
        return run(Script.CHECK, List.of(keys.servers(), keys.state(), keys.members()), arguments).stream()
                .map(ScriptAnswers::text)
                .toList();
    }

    private Retained read(String from) {
        List<byte[]> arguments = new ArrayList<>();
        for (Object argument : List.of(millis, "g", "other", "", 0, 600_000, MAX_LISTED, MAX_BYTES)) {
            arguments.add(argument.toString().getBytes(UTF_8));
        }
        return Retained.decode(run(Script.READ, keys.withMembers(), arguments), from);
    }

    private static List<Object> run(Script script, List<String> keys, List<byte[]> arguments) {
        return redis.run(script, keys, arguments)
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    /** Returns the updates since the last call, in their order, and checks their numbers. */
    private List<MembersUpdate> updates(long firstNumber, int count) {
        await().until(() -> received.size() >= count);
        List<MembersUpdate> updates = new ArrayList<>();
        for (byte[] message : received) {
            RoomMessage.MembersChanged changed = (RoomMessage.MembersChanged) RoomMessage.decode(message);
            assertThat(changed.number()).isEqualTo(firstNumber + updates.size());
            assertThat(changed.epoch()).isEqualTo("epoch");
            updates.add(changed.update());
        }
        received.clear();
        return updates;
    }

    private static MembersUpdate changed(int count, MembersUpdate.Change... changes) {
        return new MembersUpdate.Changed(count, List.of(changes));
    }

    @Test
    void changesAreSentOnceAndNumbered() {
        assertThat(change("a", put("1", "\"ü\""), put("2", null))).isEqualTo("new");
        assertThat(change("a", put("1", "\"ü\""))).isEqualTo("ok");
        change("a2", put("1", "\"ü\""), put("2", "2"));
        change("a2", new MembersUpdate.Removed("1"), new MembersUpdate.Removed("3"));
        change("a2", new MembersUpdate.Removed("1"));

        assertThat(updates(1, 3))
                .containsExactly(
                        changed(2, put("1", "\"ü\""), put("2", null)),
                        changed(2, put("2", "2")),
                        changed(1, new MembersUpdate.Removed("1")));
        assertThat(check("a2")).containsExactly("ok", "epoch", "0", "3", "1");
    }

    @Test
    void readHasTheMembersOfAllServers() {
        change("a", put("1", "\"x\""));
        change("b", put("2", null));
        Retained retained = read("b");

        assertThat(retained.change()).isEqualTo(2);
        assertThat(retained.members().members().list())
                .containsExactlyInAnyOrder(member("1", "\"x\""), member("2", null));
        assertThat(retained.members().ofThisNode()).isEqualTo(Set.of("2"));
    }

    @Test
    void largeRoomIsCountedUntilItIsSmallAgain() {
        change("a", put("1", null), put("2", null), put("3", null), put("4", null));
        assertThat(updates(1, 1)).hasOnlyElementsOfType(MembersUpdate.Changed.class);
        change("a", put("5", null));
        assertThat(updates(2, 1)).containsExactly(new MembersUpdate.Counted(5));
        assertThat(read("a").members().members().list()).isNull();
        assertThat(read("a").members().members().count()).isEqualTo(5);

        change("a", new MembersUpdate.Removed("1"));
        assertThat(updates(3, 1)).containsExactly(new MembersUpdate.Counted(4));
        assertThat(check("a")).endsWith("0");
        change("a", new MembersUpdate.Removed("2"));
        assertThat(check("a")).endsWith("1");
        assertThat(read("a").members().members().list()).hasSize(3);
    }

    @Test
    void roomWithLongStatesIsCounted() {
        String state = '"' + "x".repeat(MAX_BYTES / 2) + '"';
        change("a", put("1", state));
        assertThat(updates(1, 1)).containsExactly(changed(1, put("1", state)));
        change("a", put("2", state));

        assertThat(updates(2, 1)).containsExactly(new MembersUpdate.Counted(2));
        assertThat(read("a").members().members().list()).isNull();
        change("a", put("1", null), put("2", null));
        assertThat(check("a")).endsWith("1");
    }

    @Test
    void membersOfADeadServerLeaveOnce() {
        change("a", put("1", null), put("2", null));
        change("b", put("3", null));
        updates(1, 2);
        for (millis = 3_000; millis < 11_000; millis += 3_000) {
            assertThat(check("b")).startsWith("ok");
        }
        assertThat(received).isEmpty();
        assertThat(check("b")).containsExactly("ok", "epoch", "0", "3", "1");
        check("b");

        List<MembersUpdate> updates = updates(3, 1);
        assertThat(updates).hasSize(1);
        MembersUpdate.Changed left = (MembersUpdate.Changed) updates.get(0);
        assertThat(left.count()).isOne();
        assertThat(left.changes())
                .containsExactlyInAnyOrder(new MembersUpdate.Removed("1"), new MembersUpdate.Removed("2"));

        assertThat(change("a", put("1", null))).isEqualTo("late"); // it was only suspended
        assertThat(check("a")).startsWith("ok");
        assertThat(updates(4, 1)).containsExactly(changed(2, put("1", null)));
    }

    @Test
    void serversHaveTimeToReturnAfterAnOutageOfRedis() {
        change("a", put("1", null));
        change("b", put("2", null));
        change("c", put("3", null));
        updates(1, 3);
        millis = 50_000;
        assertThat(check("b")).startsWith("late");
        millis = 53_000;
        assertThat(check("a")).startsWith("late");
        millis = 57_000;
        assertThat(check("b")).startsWith("ok");
        assertThat(received).isEmpty();
        millis = 59_000;
        check("b");

        assertThat(updates(4, 1)).containsExactly(changed(2, new MembersUpdate.Removed("3")));
    }

    @Test
    void clockThatGoesBackDelaysNothingForLong() {
        millis = 3_600_000;
        change("a", put("1", null));
        updates(1, 1);
        for (millis = 0; millis <= 24_000; millis += 3_000) {
            check("b");
        }

        assertThat(updates(2, 1)).containsExactly(changed(0, new MembersUpdate.Removed("1")));
    }
}
