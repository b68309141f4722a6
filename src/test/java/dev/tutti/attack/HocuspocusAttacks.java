package dev.tutti.attack;

import java.io.IOException;
import java.util.List;
import java.util.function.IntFunction;

/** Attacks at {@code /hocuspocus}. Stateless. */
final class HocuspocusAttacks {
    private static final String PATH = "/hocuspocus";
    private static final int SHORT_MILLIS = 1_000;

    private HocuspocusAttacks() {}

    /** Attacks on memory. */
    static List<Attack> memory() {
        return List.of(
                Attack.of(
                        "authenticate and close",
                        "10 clients open and close a document with 100 kB of awareness in a loop and do not read",
                        "1008 1013 open reset",
                        attackers -> loopUnread(
                                attackers,
                                "greeting",
                                YjsMessages.authenticate("greeting"),
                                YjsMessages.close("greeting"))),
                Attack.of(
                        "authenticate and ask",
                        "10 clients ask for 100 kB of awareness in a loop and do not read",
                        "1008 1013 open reset",
                        attackers -> loopUnread(
                                attackers,
                                "asking",
                                YjsMessages.authenticate("asking"),
                                YjsMessages.inDocument("asking", YjsMessages.queryAwareness()))));
    }

    /** Attacks with much load, or with more memory than the default run can take. */
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
                        i -> YjsMessages.authenticate("many-" + i),
                        200),
                each(
                        "names before authentication",
                        "4 clients name 2,000 documents without a token",
                        "4205 reset",
                        i -> YjsMessages.inDocument("name-" + i, YjsMessages.queryAwareness()),
                        2_000),
                each(
                        "no document name",
                        "4 clients send messages without a document name",
                        "4401 reset",
                        i -> new byte[] {(byte) 0xFF, (byte) 0xFF, 3, (byte) i},
                        100));
    }

    private static void beforeAuthentication(Attackers attackers) throws IOException {
        byte[] update = YjsMessages.inDocument("waiting", YjsMessages.update(new byte[1_000_000]));
        List<Attacker> all = attackers.open(110, PATH);
        for (int i = 0; i < 4; i++) {
            all.removeIf(one -> !one.sendBinary(update));
        }
        attackers.read(SHORT_MILLIS);
    }

    private static void loopUnread(Attackers attackers, String document, byte[] first, byte[] second)
            throws IOException {
        Attacker speaker = attackers.open(PATH);
        speaker.sendBinary(YjsMessages.authenticate(document));
        speaker.sendBinary(
                YjsMessages.inDocument(document, YjsMessages.awareness(1, 100, 1, '"' + "a".repeat(1_000) + '"')));
        List<Attacker> all = attackers.openUnread(10, i -> PATH);
        attackers.loop(all, one -> {
            one.sendBinary(first);
            one.sendBinary(second);
        });
        attackers.read(SHORT_MILLIS);
    }

    private static void storedOpened(Attackers attackers) throws IOException {
        Attacker one = attackers.openUnread(1, i -> PATH).get(0);
        for (int i = 0; i < DocumentAttacks.STORED; i++) {
            String name = DocumentAttacks.storedName(i);
            one.sendBinary(YjsMessages.authenticate(name));
            one.sendBinary(YjsMessages.inDocument(name, YjsMessages.ask(YjsMessages.NOTHING)));
        }
        attackers.pause(2 * SHORT_MILLIS);
    }

    /** 4 clients send {@code count} messages each. */
    private static Attack each(
            String name, String description, String expected, IntFunction<byte[]> message, int count) {
        return Attack.of(name, description, expected, attackers -> {
            List<Attacker> all = attackers.open(4, PATH);
            for (int i = 0; i < count; i++) {
                byte[] one = message.apply(i);
                all.removeIf(attacker -> !attacker.sendBinary(one));
            }
            attackers.read(SHORT_MILLIS);
        });
    }
}
