package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.hub.Position;
import dev.tutti.hub.TimeSource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A model of the scripts and their data; histories are limited by count only. Confined to one thread. */
final class SimulatedData {
    private static final long DEAD_MILLIS = 10_000;

    private final TimeSource time;
    private final BiConsumer<Position, String> appended;
    private final BiConsumer<String, byte[]> publisher;
    /** By the key of the state. */
    private Map<String, SimulatedRoom> rooms = new TreeMap<>();

    private Map<String, SimulatedRoom> saved = new TreeMap<>();
    /** When each server was here last. */
    private final Map<String, Long> servers = new TreeMap<>();

    /**
     * @param appended is told the position and data of each new publication
     * @param publisher sends a message on a channel
     */
    SimulatedData(TimeSource time, BiConsumer<Position, String> appended, BiConsumer<String, byte[]> publisher) {
        this.time = time;
        this.appended = appended;
        this.publisher = publisher;
    }

    void save() {
        saved = copy(rooms);
    }

    /** Returns to the last {@link #save}. */
    void revert() {
        rooms = copy(saved);
    }

    private static Map<String, SimulatedRoom> copy(Map<String, SimulatedRoom> rooms) {
        Map<String, SimulatedRoom> copy = new TreeMap<>();
        rooms.forEach((key, room) -> copy.put(key, room.copy()));
        return copy;
    }

    /** Returns the position of a room's last publication; null if it does not exist. */
    @Nullable
    Position top(String state) {
        SimulatedRoom found = rooms.get(state);
        return found == null ? null : new Position(found.epoch, found.top);
    }

    /** Returns the data of the retained publications of a room, by offset. */
    Map<Long, String> retained(String state) {
        Map<Long, String> retained = new TreeMap<>();
        SimulatedRoom found = rooms.get(state);
        if (found != null) {
            found.stream.forEach((offset, stored) -> retained.put(offset, data(stored.publication)));
        }
        return retained;
    }

    Map<String, String> members(String state) {
        Map<String, String> members = new TreeMap<>();
        rooms.get(state).members.forEach((client, member) -> members.put(client, member.server));
        return members;
    }

    private static String data(byte[] publication) {
        return Entry.decode(publication, 1, 0).publication().data();
    }

    List<Object> run(Script script, List<String> keys, List<byte[]> arguments) {
        Iterator<byte[]> next = arguments.iterator();
        next.next(); // the shift of the clock
        return switch (script) {
            case APPEND -> append(keys, next);
            case MEMBER -> change(keys, next);
            case READ -> read(keys.get(0), next);
            case CHECK -> check(keys, next);
            default -> throw new UnsupportedOperationException(script.label());
        };
    }

    private List<Object> append(List<String> keys, Iterator<byte[]> next) {
        String present = text(next);
        List<Object> answer = new ArrayList<>();
        long count = number(next);
        for (int i = 0; i < count; i++) {
            SimulatedRoom room = rooms.computeIfAbsent(keys.get(3 * i), key -> new SimulatedRoom());
            String channel = text(next);
            room.begin(text(next), present);
            answer.add(bytes(room.epoch));
            append(room, channel, next, answer);
        }
        return answer;
    }

    private void append(SimulatedRoom room, String channel, Iterator<byte[]> next, List<Object> answer) {
        long maxCount = number(next);
        next.next();
        next.next();
        List<byte[]> message = new ArrayList<>(
                List.of(bytes("appended1"), bytes(room.epoch), bytes(Long.toString(room.top + 1)), bytes("0")));
        int head = message.size();
        long publications = number(next);
        for (int i = 0; i < publications; i++) {
            byte[] publication = next.next();
            next.next();
            String key = text(next);
            Long retained = room.find(key);
            if (retained != null) {
                answer.add(-retained);
            } else {
                room.stream.put(++room.top, new SimulatedRoom.Stored(publication, key));
                answer.add(room.top);
                message.add(publication);
                appended.accept(new Position(room.epoch, room.top), data(publication));
            }
        }
        while (room.stream.size() > maxCount) {
            room.stream.pollFirstEntry();
        }
        if (message.size() > head) {
            send(channel, message);
        }
    }

    private List<Object> change(List<String> keys, Iterator<byte[]> next) {
        String present = text(next);
        String server = text(next);
        Object attendance = attend(server);
        long count = number(next);
        for (int i = 0; i < count; i++) {
            SimulatedRoom room = rooms.computeIfAbsent(keys.get(4 * i + 1), key -> new SimulatedRoom());
            String channel = text(next);
            room.begin(text(next), present);
            for (int skipped = 0; skipped < 3; skipped++) {
                next.next();
            }
            change(room, channel, server, next);
        }
        return List.of(attendance);
    }

    private void change(SimulatedRoom room, String channel, String server, Iterator<byte[]> next) {
        List<byte[]> changes = new ArrayList<>();
        long count = number(next);
        for (int i = 0; i < count; i++) {
            byte[] client = next.next();
            byte[] encoded = next.next();
            String id = new String(client, UTF_8);
            SimulatedRoom.Member before = encoded.length == 0
                    ? room.members.remove(id)
                    : room.members.put(id, new SimulatedRoom.Member(server, encoded));
            if (!Arrays.equals(encoded, before == null ? new byte[0] : before.encoded)) {
                changes.add(client);
                changes.add(encoded);
            }
        }
        sendChanges(room, channel, changes);
    }

    private void sendChanges(SimulatedRoom room, String channel, List<byte[]> changes) {
        if (!changes.isEmpty()) {
            List<byte[]> message = new ArrayList<>(List.of(
                    bytes("members1"),
                    bytes(room.epoch),
                    bytes(Long.toString(++room.change)),
                    bytes(Integer.toString(room.members.size())),
                    bytes("1")));
            message.addAll(changes);
            send(channel, message);
        }
    }

    private Object attend(String server) {
        Long before = servers.put(server, time.millis());
        return bytes(before == null ? "new" : time.millis() - before > DEAD_MILLIS ? "late" : "ok");
    }

    private List<Object> read(String state, Iterator<byte[]> next) {
        String present = text(next);
        SimulatedRoom room = rooms.computeIfAbsent(state, key -> new SimulatedRoom());
        room.begin(text(next), present);
        boolean isSameEpoch = text(next).equals(room.epoch);
        long known = number(next);
        List<Object> answer = new ArrayList<>(
                List.of(bytes(room.epoch), room.top, time.millis(), room.change, (long) room.members.size(), (long)
                        room.members.size()));
        room.members.forEach((client, member) -> {
            answer.add(bytes(client));
            byte[] owner = bytes(member.server + "\n");
            answer.add(ByteBuffer.allocate(owner.length + member.encoded.length)
                    .put(owner)
                    .put(member.encoded)
                    .array());
        });
        room.stream.tailMap(isSameEpoch ? known : 0, false).forEach((offset, stored) -> {
            answer.add(offset);
            answer.add(time.millis());
            answer.add(stored.publication);
        });
        return answer;
    }

    private List<Object> check(List<String> keys, Iterator<byte[]> next) {
        List<Object> answer = new ArrayList<>();
        answer.add(attend(text(next)));
        for (int i = 1; i < keys.size(); i += 2) {
            SimulatedRoom room = rooms.getOrDefault(keys.get(i), new SimulatedRoom());
            removeDead(room, text(next));
            for (int skipped = 0; skipped < 3; skipped++) {
                next.next();
            }
            answer.add(bytes(room.epoch));
            answer.add(room.top);
            answer.add(room.change);
            answer.add(1L);
        }
        return answer;
    }

    private void removeDead(SimulatedRoom room, String channel) {
        List<byte[]> changes = new ArrayList<>();
        room.members.entrySet().removeIf(entry -> {
            Long seen = servers.get(entry.getValue().server);
            boolean isDead = seen == null || time.millis() - seen > DEAD_MILLIS;
            if (isDead) {
                changes.add(bytes(entry.getKey()));
                changes.add(new byte[0]);
            }
            return isDead;
        });
        sendChanges(room, channel, changes);
    }

    private void send(String channel, List<byte[]> fields) {
        ByteBuffer message = ByteBuffer.allocate(
                fields.stream().mapToInt(field -> Integer.BYTES + field.length).sum());
        fields.forEach(field -> message.putInt(field.length).put(field));
        publisher.accept(channel, message.array());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static String text(Iterator<byte[]> next) {
        return new String(next.next(), UTF_8);
    }

    private static long number(Iterator<byte[]> next) {
        return Long.parseLong(text(next));
    }
}
