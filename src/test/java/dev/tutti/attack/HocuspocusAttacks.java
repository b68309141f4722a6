package dev.tutti.attack;

import java.io.IOException;
import java.util.List;
import java.util.function.IntFunction;

/** What can be done on {@code /hocuspocus}. Stateless. */
final class HocuspocusAttacks {
    private static final String PATH = "/hocuspocus";
    private static final int SOON_MILLIS = 1_000;

    private HocuspocusAttacks() {}

    /** Those that try to fill the memory. */
    static List<Attack> memory() {
        return List.of(
                Attack.of(
                        "authenticate and close",
                        "10 clients open and close a document with 100 kB of awareness in a loop and do not read",
                        "1008 1013 open reset",
                        attackers ->
                                loopUnread(attackers, "greeting", Yjs.authenticate("greeting"), Yjs.close("greeting"))),
                Attack.of(
                        "authenticate and ask",
                        "10 clients ask for 100 kB of awareness in a loop and do not read",
                        "1008 1013 open reset",
                        attackers -> loopUnread(
                                attackers,
                                "asking",
                                Yjs.authenticate("asking"),
                                Yjs.about("asking", Yjs.queryAwareness()))));
    }

    /** Those that make much work, or that fill the memory more than the default run can take. */
    static List<Attack> heavy() {
        return List.of(
                Attack.of(
                        "before authentication",
                        "110 connections send nearly 4 MB of updates, and no token",
                        "1013 4205 open reset",
                        HocuspocusAttacks::beforeAuthentication),
                Attack.of(
                        "stored documents on one connection",
                        "one client opens 6 documents of 20 MB, asks for each and does not read",
                        "open denied 1013 reset",
                        HocuspocusAttacks::storedOpened),
                each(
                        "200 documents",
                        "4 clients open 200 documents each",
                        "denied open",
                        i -> Yjs.authenticate("many-" + i),
                        200),
                each(
                        "names before authentication",
                        "4 clients speak of 2,000 documents, without a token",
                        "4205 reset",
                        i -> Yjs.about("name-" + i, Yjs.queryAwareness()),
                        2_000),
                each(
                        "nothing of Hocuspocus's",
                        "4 clients say what names no document",
                        "4401 reset",
                        i -> new byte[] {(byte) 0xFF, (byte) 0xFF, 3, (byte) i},
                        100));
    }

    private static void beforeAuthentication(Attackers attackers) throws IOException {
        byte[] update = Yjs.about("waiting", Yjs.update(new byte[1_000_000]));
        List<Attacker> all = attackers.open(110, PATH);
        for (int i = 0; i < 4; i++) {
            all.removeIf(one -> !one.sendBinary(update));
        }
        attackers.hear(SOON_MILLIS);
    }

    private static void loopUnread(Attackers attackers, String document, byte[] first, byte[] second)
            throws IOException {
        Attacker speaker = attackers.open(PATH);
        speaker.sendBinary(Yjs.authenticate(document));
        speaker.sendBinary(Yjs.about(document, Yjs.awareness(1, 100, 1, '"' + "a".repeat(1_000) + '"')));
        List<Attacker> all = attackers.openDeaf(10, i -> PATH);
        attackers.loop(all, one -> {
            one.sendBinary(first);
            one.sendBinary(second);
        });
        attackers.hear(SOON_MILLIS);
    }

    private static void storedOpened(Attackers attackers) throws IOException {
        Attacker one = attackers.openDeaf(1, i -> PATH).get(0);
        for (int i = 0; i < DocumentAttacks.STORED; i++) {
            String name = DocumentAttacks.storedName(i);
            one.sendBinary(Yjs.authenticate(name));
            one.sendBinary(Yjs.about(name, Yjs.ask(Yjs.NOTHING)));
        }
        attackers.pause(2 * SOON_MILLIS);
    }

    /** 4 clients send so many messages each. */
    private static Attack each(String name, String does, String gets, IntFunction<byte[]> message, int count) {
        return Attack.of(name, does, gets, attackers -> {
            List<Attacker> all = attackers.open(4, PATH);
            for (int i = 0; i < count; i++) {
                byte[] one = message.apply(i);
                all.removeIf(attacker -> !attacker.sendBinary(one));
            }
            attackers.hear(SOON_MILLIS);
        });
    }
}
