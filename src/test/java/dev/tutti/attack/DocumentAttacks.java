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

/** What can be done to documents on {@code /yjs}. Stateless. */
final class DocumentAttacks {
    /** How many documents are stored that are nearly as large as they may be: {@link #storedName}. */
    static final int STORED = 6;

    private static final int MEGABYTE = 1 << 20;
    /** Of a document that is nearly as large as it may be, each of 4 MB. */
    private static final int UPDATES = 5;

    private static final int SOON_MILLIS = 1_000;

    private DocumentAttacks() {}

    static String storedName(int number) {
        return "stored-" + number;
    }

    /** Returns a document that is nearly as large as it may be, in updates of 4 MB. */
    static List<byte[]> stored() {
        List<byte[]> updates = new ArrayList<>();
        for (long client = 1; client <= UPDATES; client++) {
            updates.add(text(client, 0, 4 * MEGABYTE - 100));
        }
        return updates;
    }

    /** Those that try to fill the memory. */
    static List<Attack> memory() {
        return List.of(
                Attack.of(
                        "readers of one state",
                        "6 clients ask for a document of 20 MB and do not read",
                        "open 1013 reset",
                        attackers -> readers(attackers, i -> Yjs.NOTHING)),
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

    /** Those that make work. */
    static List<Attack> loud() {
        return List.of(Attack.of(
                "bad updates",
                "1,000 clients, one after the other, send an update that is none",
                "1007 reset",
                DocumentAttacks::badUpdates));
    }

    /** Those that make much work, or that fill the memory more than the default run can take. */
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
                        "two clients announce 10,000 people each, and a third comes",
                        "open 1013 1008 1009",
                        DocumentAttacks::awarenessIds),
                Attack.of(
                        "awareness churn",
                        "20 clients show 50 kB of another state all the time",
                        "1008 1013 open reset",
                        DocumentAttacks::awarenessChurn),
                Attack.of(
                        "names by the thousand",
                        "3,000 documents are opened and closed",
                        "open 1013 429 503",
                        DocumentAttacks::manyNames),
                flood("what is lacking", "ask for a document of 20 MB in a loop", storedName(0), Yjs.ask(Yjs.NOTHING)),
                flood("marks", "ask for confirmation in a loop", "marks", Yjs.confirm(7)),
                flood(
                        "long state vectors",
                        "ask with a state vector of 100,000 clients in a loop",
                        "vectors",
                        Yjs.ask(longVector(100_000))),
                Attack.of(
                        "letters",
                        "4 clients write letter by letter, as fast as it goes, and do not read",
                        "1008 1013 open reset",
                        DocumentAttacks::letters));
    }

    private static void readers(Attackers attackers, IntFunction<byte[]> stateVector) throws IOException {
        List<Attacker> all = attackers.openDeaf(6, i -> "/yjs/" + storedName(0));
        for (int i = 0; i < all.size(); i++) {
            all.get(i).sendBinary(Yjs.ask(stateVector.apply(i)));
        }
        attackers.pause(2 * SOON_MILLIS);
    }

    private static void storedOpened(Attackers attackers) throws IOException {
        attackers.open(STORED, i -> "/yjs/" + storedName(i));
        attackers.hear(3 * SOON_MILLIS);
    }

    private static void growing(Attackers attackers) throws IOException {
        List<Attacker> all = attackers.open(8, i -> "/yjs/grows-" + i);
        all.forEach(Attacker::bePatient);
        for (byte[] update : stored()) {
            all.removeIf(one -> !one.sendBinary(Yjs.update(update)) || one.read());
        }
        attackers.hear(2 * SOON_MILLIS);
    }

    private static void structEach(Attackers attackers) throws IOException {
        UpdateBuilder update = new UpdateBuilder();
        byte[] struct = gc(1);
        for (long client = 520_000; client > 0; client--) {
            update.structs(client, 0, struct);
        }
        byte[] message = Yjs.update(update.build());
        for (Attacker one : attackers.open(2, i -> "/yjs/hollow-" + i)) {
            one.bePatient();
            one.sendBinary(message);
        }
        attackers.hear(2 * SOON_MILLIS);
    }

    private static void awarenessUnread(Attackers attackers) throws IOException {
        attackers.open("/yjs/aware").sendBinary(Yjs.awareness(1, 100, 1, '"' + "a".repeat(1_000) + '"'));
        List<Attacker> all = attackers.openDeaf(50, i -> "/yjs/aware");
        attackers.loop(all, one -> one.sendBinary(Yjs.queryAwareness()));
        attackers.hear(SOON_MILLIS);
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
        byte[] deletes = Yjs.update(new UpdateBuilder().delete(1, ranges).build());
        List<Attacker> two = attackers.open(2, "/yjs/parked");
        two.forEach(Attacker::bePatient);
        two.get(0).sendBinary(Yjs.update(parked));
        for (int i = 0; i < 3; i++) {
            two.forEach(one -> one.sendBinary(deletes));
        }
        attackers.hear(2 * SOON_MILLIS);
    }

    private static void parkedJunk(Attackers attackers) throws IOException {
        List<Attacker> all = attackers.open(20, "/yjs/junk");
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < all.size(); j++) {
                all.get(j).sendBinary(Yjs.update(text(1 + 20 * i + j, 1, 100_000)));
            }
        }
        attackers.hear(2 * SOON_MILLIS);
    }

    private static void awarenessIds(Attackers attackers) throws IOException {
        List<Attacker> two = attackers.open(2, "/yjs/crowded");
        two.get(0).sendBinary(Yjs.awareness(1, 10_000, 1, "{}"));
        two.get(1).sendBinary(Yjs.awareness(20_000, 10_000, 1, "{}"));
        attackers.hear(SOON_MILLIS);
        attackers.open("/yjs/crowded").sendBinary(Yjs.awareness(40_000, 1, 1, "{}"));
        attackers.hear(SOON_MILLIS);
    }

    private static void awarenessChurn(Attackers attackers) throws IOException {
        List<Attacker> all = attackers.open(20, "/yjs/churn");
        Map<Attacker, Integer> clocks = new HashMap<>();
        attackers.loop(all, one -> {
            int clock = clocks.merge(one, 1, Integer::sum);
            one.sendBinary(Yjs.awareness(one.number(), 1, clock, '"' + "a".repeat(2_500) + clock + '"'));
            one.read();
        });
        attackers.hear(SOON_MILLIS);
    }

    private static void manyNames(Attackers attackers) throws IOException {
        for (int i = 0; i < 3_000; i++) {
            attackers.dismiss(List.of(attackers.open("/yjs/name-" + i)));
        }
    }

    private static void badUpdates(Attackers attackers) throws IOException {
        byte[] update = Yjs.update(new byte[] {1, 1, 1, 0, 31, 1, 't', 0});
        for (int i = 0; i < 1_000; i++) {
            Attacker one = attackers.open("/yjs/bad");
            one.sendBinary(update);
            attackers.hear(one, 5 * SOON_MILLIS, one::read);
            attackers.dismiss(List.of(one));
        }
    }

    private static void letters(Attackers attackers) throws IOException {
        List<Attacker> all = attackers.open(4, "/yjs/letters");
        Map<Attacker, Integer> clocks = new HashMap<>();
        attackers.loop(all, one -> {
            int clock = clocks.getOrDefault(one, 0);
            if (one.sendBinary(Yjs.update(letter(one.number(), clock)))) {
                clocks.put(one, clock + 1);
            }
        });
        attackers.hear(SOON_MILLIS);
    }

    /** 10 clients say something again and again, and read only at the end. */
    private static Attack flood(String name, String does, String document, byte[] message) {
        return Attack.of(name, "10 clients " + does + " and do not read", "1008 1013 open reset", attackers -> {
            List<Attacker> all = attackers.open(10, "/yjs/" + document);
            attackers.loop(all, one -> one.sendBinary(message));
            attackers.hear(2 * SOON_MILLIS);
        });
    }

    /** Returns an update in which a client writes one letter behind its others. */
    static byte[] letter(long client, long clock) {
        UpdateBuilder.Id before = clock == 0 ? null : UpdateBuilder.id(client, clock - 1);
        return new UpdateBuilder()
                .structs(client, clock, UpdateBuilder.text(before, null, "x"))
                .build();
    }

    /** Returns an update in which a client writes so many bytes. */
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
