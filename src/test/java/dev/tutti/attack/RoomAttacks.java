package dev.tutti.attack;

import java.io.IOException;
import java.util.List;
import java.util.function.IntFunction;

/** Attacks on rooms, by the plain protocol and {@code tutti.v1}. Stateless. */
final class RoomAttacks {
    /** A message near the size limit. */
    private static final String LONG = '"' + "a".repeat(60_000) + '"';
    /** More messages than the burst limit. */
    private static final int BURST = 1_100;

    private static final int SHORT_MILLIS = 1_000;

    private RoomAttacks() {}

    /** Attacks on memory. */
    static List<Attack> memory() {
        return List.of(Attack.of(
                "histories unread",
                "50 clients ask for a megabyte of history again and again and do not read",
                "limit_exceeded open 1013 1008 rate_limited reset",
                RoomAttacks::historiesUnread));
    }

    /** Attacks by volume. */
    static List<Attack> light() {
        return List.of(
                requests(
                        "huge numbers",
                        "ask with numbers of a billion digits",
                        "bad_request 1008 rate_limited reset open",
                        i -> "\"type\":\"history\",\"id\":" + i + ",\"limit\":1e999999999"),
                Attack.of(
                        "no JSON",
                        "1,000 clients, one after the other, send malformed JSON",
                        "1007 reset",
                        RoomAttacks::noJson));
    }

    /** Attacks by many clients that do not read. */
    static List<Attack> unread() {
        return List.of(
                Attack.of(
                        "a crowd that does not read",
                        "300 clients in one room do not read, and one sends",
                        "1013 1008 open reset",
                        RoomAttacks::crowdThatNeverReads),
                Attack.of(
                        "joins unread",
                        "200 clients join a room with a megabyte of history, ask for it and do not read",
                        "open 1013 1008 limit_exceeded reset",
                        RoomAttacks::joinsUnread));
    }

    /** Attacks with much load, or with more memory than the default run can take. */
    static List<Attack> heavy() {
        return List.of(
                Attack.of(
                        "rooms filled unread",
                        "100 clients send in their own rooms and do not read",
                        "1013 1008 open reset",
                        RoomAttacks::roomsFilledUnread),
                requests(
                        "messages",
                        "publish as fast as they can",
                        "1008 rate_limited reset open",
                        i -> "\"type\":\"publish\",\"data\":" + i),
                requests(
                        "leave and join",
                        "leave and join in one go",
                        "1008 rate_limited limit_exceeded not_joined reset open",
                        i -> "\"type\":\"" + (i % 2 == 0 ? "leave" : "join") + "\",\"id\":" + i),
                requests(
                        "many rooms",
                        "join another room with each request",
                        "limit_exceeded 1008 rate_limited reset open",
                        i -> "\"type\":\"join\",\"id\":" + i + ",\"room\":\"room-" + i + '"'),
                requests(
                        "presence",
                        "set another state of 8 kB with each request",
                        "1008 1013 rate_limited too_large open reset",
                        i -> "\"type\":\"state\",\"state\":\"" + (char) ('a' + i % 26) + "a".repeat(8_000) + '"'),
                requests(
                        "keys",
                        "publish under another key each time",
                        "1008 rate_limited reset open",
                        i -> "\"type\":\"publish\",\"data\":0,\"key\":\"" + "k".repeat(50) + i + '"'),
                requests(
                        "members",
                        "ask for the members again and again",
                        "1008 1013 rate_limited limit_exceeded open reset",
                        i -> "\"type\":\"members\",\"id\":" + i),
                requests(
                        "deep JSON",
                        "publish 30,000 nested arrays",
                        "bad_request 1008 1007 rate_limited open reset",
                        i -> "\"type\":\"publish\",\"data\":" + "[".repeat(30_000) + "]".repeat(30_000)),
                requests(
                        "long numbers",
                        "publish numbers of 60,000 digits",
                        "1008 1013 bad_request rate_limited open reset",
                        i -> "\"type\":\"publish\",\"data\":" + "9".repeat(60_000)),
                requests(
                        "many fields",
                        "ask with 8,000 fields of no meaning",
                        "bad_request 1008 rate_limited reset open",
                        i -> "\"a\":1,".repeat(8_000) + "\"type\":\"leave\""));
    }

    private static void roomsFilledUnread(Attackers attackers) throws IOException {
        List<Attacker> all = attackers.openUnread(100, i -> "/ws/full-" + i);
        attackers.loop(all, one -> one.sendText(LONG));
        attackers.read(SHORT_MILLIS);
    }

    private static void crowdThatNeverReads(Attackers attackers) throws IOException {
        attackers.openUnread(300, i -> "/ws/crowd");
        Attacker speaker = attackers.open("/ws/crowd");
        attackers.loop(List.of(speaker), one -> {
            one.sendText(LONG);
            one.read();
        });
        attackers.read(2 * SHORT_MILLIS);
    }

    private static void joinsUnread(Attackers attackers) throws IOException {
        fillHistory(attackers, "remembered");
        for (Attacker one : attackers.openUnread(200, i -> "/connect")) {
            one.sendText(
                    "{\"type\":\"join\",\"id\":1,\"room\":\"remembered\",\"since\":{\"epoch\":\"?\",\"offset\":0}}");
            one.sendText("{\"type\":\"history\",\"id\":2,\"room\":\"remembered\",\"limit\":300}");
        }
        attackers.read(SHORT_MILLIS);
    }

    private static void historiesUnread(Attackers attackers) throws IOException {
        fillHistory(attackers, "history");
        List<Attacker> all = attackers.openUnread(50, i -> "/connect");
        all.forEach(one -> one.sendText("{\"type\":\"join\",\"id\":1,\"room\":\"history\"}"));
        attackers.loop(all, one -> one.sendText("{\"type\":\"history\",\"id\":2,\"room\":\"history\",\"limit\":300}"));
        attackers.read(2 * SHORT_MILLIS);
    }

    private static void fillHistory(Attackers attackers, String room) throws IOException {
        Attacker speaker = attackers.open("/connect");
        speaker.sendText("{\"type\":\"join\",\"id\":1,\"room\":\"" + room + "\"}");
        String message = "{\"type\":\"publish\",\"room\":\"" + room + "\",\"data\":\"" + "a".repeat(3_300) + "\"}";
        for (int i = 0; i < 300; i++) {
            speaker.sendText(message);
            speaker.read();
        }
        attackers.readUntil(speaker, SHORT_MILLIS / 2, () -> false);
    }

    /**
     * 10 clients join a room, send more requests than the burst limit, then read.
     *
     * @param fields returns the fields of a request by its number; {@code room} is added if it is missing
     */
    private static Attack requests(String name, String description, String expected, IntFunction<String> fields) {
        return Attack.of(name, "10 clients " + description, expected, attackers -> {
            List<Attacker> all = attackers.open(10, "/connect");
            all.forEach(one -> one.sendText("{\"type\":\"join\",\"id\":0,\"room\":\"attacked\"}"));
            for (int i = 0; i < BURST && !all.isEmpty(); i++) {
                String own = fields.apply(i);
                String request = '{' + own + (own.contains("\"room\"") ? "}" : ",\"room\":\"attacked\"}");
                all.removeIf(one -> !one.sendText(request) || one.read());
            }
            attackers.read(SHORT_MILLIS);
        });
    }

    private static void noJson(Attackers attackers) throws IOException {
        for (int i = 0; i < 1_000; i++) {
            Attacker one = attackers.open("/ws/bad");
            one.sendText("{'a':");
            attackers.readUntil(one, 5 * SHORT_MILLIS, one::read);
            attackers.closeAndCount(List.of(one));
        }
    }
}
