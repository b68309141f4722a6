package dev.tutti.attack;

import static dev.tutti.yjs.UpdateBuilder.gc;
import static dev.tutti.yjs.UpdateBuilder.skip;

import dev.tutti.yjs.UpdateBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Attacks on documents at {@code /yjs}. Stateless. */
final class DocumentAttacks {
    /** The number of stored documents near the size limit; see {@link #storedName}. */
    static final int STORED = 6;

    private static final int MEGABYTE = 1 << 20;
    /** Updates of 4 MB in a document near the size limit. */
    private static final int UPDATES = 5;

    private static final int SHORT_MILLIS = 1_000;

    private DocumentAttacks() {}

    static String storedName(int number) {
        return "stored-" + number;
    }

    /** Returns the updates of a document near the size limit, 4 MB each. */
    static List<byte[]> stored() {
        List<byte[]> updates = new ArrayList<>();
        for (long client = 1; client <= UPDATES; client++) {
            updates.add(text(client, 0, 4 * MEGABYTE - 100));
        }
        return updates;
    }

    /** Attacks on memory. */
    static List<Attack> memory() {
        return List.of(
                Attack.of(
                        "readers of one state",
                        "6 clients ask for a document of 20 MB and do not read",
                        "open 1013 reset",
                        attackers -> readers(attackers, i -> YjsMessages.NOTHING)),
                Attack.of(
                        "readers of different states",
                        "6 clients ask for different parts of it and do not read",
                        "open 1013 reset",
                        attackers -> readers(attackers, i -> UpdateBuilder.vector(UPDATES, i + 1))),
                Attack.of(
                        "a struct each",
                        "two updates of 520,000 clients with a struct of one unit each",
                        "1013 1009 1008 reset",
                        DocumentAttacks::structEach));
    }

    /** Attacks on CPU time. */
    static List<Attack> light() {
        return List.of(Attack.of(
                "bad updates",
                "1,000 clients, one after the other, send a malformed update",
                "1007 reset",
                DocumentAttacks::badUpdates));
    }

    /** Attacks with much load, or with more memory than the default run can take. */
    static List<Attack> heavy() {
        return List.of(
                Attack.of(
                        "stored documents opened",
                        "one client opens 6 documents of 20 MB",
                        "1013 open reset",
                        DocumentAttacks::storedOpened),
                Attack.of(
                        "documents that grow",
                        "8 clients write a document of 20 MB each",
                        "1013 open reset",
                        DocumentAttacks::growing),
                Attack.of(
                        "awareness unread",
                        "50 clients ask for 100 kB of awareness again and again and do not read",
                        "open 1013 1008 reset",
                        DocumentAttacks::awarenessUnread),
                Attack.of(
                        "deletes among parked structs",
                        "two clients delete a million ranges in one block, 3 times each",
                        "open 1013 1008 1007 reset",
                        DocumentAttacks::deletesAmongParked),
                Attack.of(
                        "parked junk",
                        "20 clients send 200 updates that never become complete",
                        "1013 1008 open",
                        DocumentAttacks::parkedJunk),
                Attack.of(
                        "10,000 awareness ids",
                        "two clients announce 10,000 awareness ids each, and a third joins",
                        "open 1013 1008 1009",
                        DocumentAttacks::awarenessIds),
                Attack.of(
                        "awareness churn",
                        "20 clients set different states of 50 kB all the time",
                        "1008 1013 open reset",
                        DocumentAttacks::awarenessChurn),
                Attack.of(
                        "names by the thousand",
                        "3,000 documents are opened and closed",
                        "open 1013 429 503",
                        DocumentAttacks::manyNames),
                flood(
                        "missing updates",
                        "ask for a document of 20 MB in a loop",
                        storedName(0),
                        YjsMessages.ask(YjsMessages.NOTHING)),
                flood("marks", "ask for confirmation in a loop", "marks", YjsMessages.confirm(7)),
                flood(
                        "long state vectors",
                        "ask with a state vector of 100,000 clients in a loop",
                        "vectors",
                        YjsMessages.ask(longVector(100_000))),
                Attack.of(
                        "letters",
                        "4 clients write letter by letter, as fast as it goes, and do not read",
                        "1008 1013 open reset",
                        DocumentAttacks::letters));
    }

    private static void readers(Attackers attackers, IntFunction<byte[]> stateVector) throws IOException {
        List<Attacker> all = attackers.openUnread(6, i -> "/yjs/" + storedName(0));
        for (int i = 0; i < all.size(); i++) {
            all.get(i).sendBinary(YjsMessages.ask(stateVector.apply(i)));
        }
        attackers.pause(2 * SHORT_MILLIS);
    }

    private static void storedOpened(Attackers attackers) throws IOException {
        attackers.open(STORED, i -> "/yjs/" + storedName(i));
        attackers.read(3 * SHORT_MILLIS);
    }

    private static void growing(Attackers attackers) throws IOException {
        List<Attacker> all = attackers.open(8, i -> "/yjs/grows-" + i);
        all.forEach(Attacker::waitLong);
        for (byte[] update : stored()) {
            all.removeIf(one -> !one.sendBinary(YjsMessages.update(update)) || one.read());
        }
        attackers.read(2 * SHORT_MILLIS);
    }

    private static void structEach(Attackers attackers) throws IOException {
        UpdateBuilder update = new UpdateBuilder();
        byte[] struct = gc(1);
        for (long client = 520_000; client > 0; client--) {
            update.structs(client, 0, struct);
        }
        byte[] message = YjsMessages.update(update.build());
        for (Attacker one : attackers.open(2, i -> "/yjs/hollow-" + i)) {
            one.waitLong();
            one.sendBinary(message);
        }
        attackers.read(2 * SHORT_MILLIS);
    }

    private static void awarenessUnread(Attackers attackers) throws IOException {
        attackers.open("/yjs/aware").sendBinary(YjsMessages.awareness(1, 100, 1, '"' + "a".repeat(1_000) + '"'));
        List<Attacker> all = attackers.openUnread(50, i -> "/yjs/aware");
        attackers.loop(all, one -> one.sendBinary(YjsMessages.queryAwareness()));
        attackers.read(SHORT_MILLIS);
    }

    private static void deletesAmongParked(Attackers attackers) throws IOException {
        List<byte[]> structs = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            structs.add(gc(1));
            structs.add(skip(1));
        }
        structs.add(gc(1 << 24));
        byte[] parked = new UpdateBuilder()
                .structs(1, 1, structs.toArray(byte[][]::new))
                .build();
        long[] ranges = new long[2_000_000];
        for (int i = 0; i < ranges.length; i += 2) {
            ranges[i] = 400L + i;
            ranges[i + 1] = 1;
        }
        byte[] deletes =
                YjsMessages.update(new UpdateBuilder().delete(1, ranges).build());
        List<Attacker> two = attackers.open(2, "/yjs/parked");
        two.forEach(Attacker::waitLong);
        two.get(0).sendBinary(YjsMessages.update(parked));
        for (int i = 0; i < 3; i++) {
            two.forEach(one -> one.sendBinary(deletes));
        }
        attackers.read(2 * SHORT_MILLIS);
    }

    private static void parkedJunk(Attackers attackers) throws IOException {
        List<Attacker> all = attackers.open(20, "/yjs/junk");
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < all.size(); j++) {
                all.get(j).sendBinary(YjsMessages.update(text(1 + 20 * i + j, 1, 100_000)));
            }
        }
        attackers.read(2 * SHORT_MILLIS);
    }

    private static void awarenessIds(Attackers attackers) throws IOException {
        List<Attacker> two = attackers.open(2, "/yjs/crowded");
        two.get(0).sendBinary(YjsMessages.awareness(1, 10_000, 1, "{}"));
        two.get(1).sendBinary(YjsMessages.awareness(20_000, 10_000, 1, "{}"));
        attackers.read(SHORT_MILLIS);
        attackers.open("/yjs/crowded").sendBinary(YjsMessages.awareness(40_000, 1, 1, "{}"));
        attackers.read(SHORT_MILLIS);
    }

    private static void awarenessChurn(Attackers attackers) throws IOException {
        List<Attacker> all = attackers.open(20, "/yjs/churn");
        Map<Attacker, Integer> clocks = new HashMap<>();
        attackers.loop(all, one -> {
            int clock = clocks.merge(one, 1, Integer::sum);
            one.sendBinary(YjsMessages.awareness(one.number(), 1, clock, '"' + "a".repeat(2_500) + clock + '"'));
            one.read();
        });
        attackers.read(SHORT_MILLIS);
    }

    private static void manyNames(Attackers attackers) throws IOException {
        for (int i = 0; i < 3_000; i++) {
            attackers.closeAndCount(List.of(attackers.open("/yjs/name-" + i)));
        }
    }

    private static void badUpdates(Attackers attackers) throws IOException {
        byte[] update = YjsMessages.update(new byte[] {1, 1, 1, 0, 31, 1, 't', 0});
        for (int i = 0; i < 1_000; i++) {
            Attacker one = attackers.open("/yjs/bad");
            one.sendBinary(update);
            attackers.readUntil(one, 5 * SHORT_MILLIS, one::read);
            attackers.closeAndCount(List.of(one));
        }
    }

    private static void letters(Attackers attackers) throws IOException {
        List<Attacker> all = attackers.open(4, "/yjs/letters");
        Map<Attacker, Integer> clocks = new HashMap<>();
        attackers.loop(all, one -> {
            int clock = clocks.getOrDefault(one, 0);
            if (one.sendBinary(YjsMessages.update(letter(one.number(), clock)))) {
                clocks.put(one, clock + 1);
            }
        });
        attackers.read(SHORT_MILLIS);
    }

    /** 10 clients repeat a message and read only at the end. */
    private static Attack flood(String name, String description, String document, byte[] message) {
        return Attack.of(name, "10 clients " + description + " and do not read", "1008 1013 open reset", attackers -> {
            List<Attacker> all = attackers.open(10, "/yjs/" + document);
            attackers.loop(all, one -> one.sendBinary(message));
            attackers.read(2 * SHORT_MILLIS);
        });
    }

    /** Returns an update in which a client appends one letter to its text. */
    static byte[] letter(long client, long clock) {
        UpdateBuilder.Id before = clock == 0 ? null : UpdateBuilder.id(client, clock - 1);
        return new UpdateBuilder()
                .structs(client, clock, UpdateBuilder.text(before, null, "x"))
                .build();
    }

    /** Returns an update in which a client writes {@code bytes} letters. */
    static byte[] text(long client, long clock, int bytes) {
        return new UpdateBuilder()
                .structs(client, clock, UpdateBuilder.text(null, null, "x".repeat(bytes)))
                .build();
    }

    private static byte[] longVector(int clients) {
        long[] entries = new long[2 * clients];
        for (int i = 0; i < entries.length; i += 2) {
            entries[i] = i + 1L;
            entries[i + 1] = 1;
        }
        return UpdateBuilder.vector(entries);
    }
}
