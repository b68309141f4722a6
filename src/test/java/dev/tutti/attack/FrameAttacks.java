package dev.tutti.attack;

import static dev.tutti.attack.Attacker.BINARY;
import static dev.tutti.attack.Attacker.CLOSE;
import static dev.tutti.attack.Attacker.CONTINUATION;
import static dev.tutti.attack.Attacker.FINAL;
import static dev.tutti.attack.Attacker.PING;
import static dev.tutti.attack.Attacker.PONG;
import static dev.tutti.attack.Attacker.RESERVED;
import static dev.tutti.attack.Attacker.TEXT;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Attacks with frames of any content. Stateless. */
final class FrameAttacks {
    /** The size limit of a message to a document. */
    private static final int LARGE = 4 << 20;

    private static final int PART = 1 << 16;
    private static final int PARTS = LARGE / PART - 1;
    private static final int SHORT_MILLIS = 1_000;
    private static final int SOME_MILLIS = 5_000;

    private FrameAttacks() {}

    /** Attacks on memory. */
    static List<Attack> memory() {
        return List.of(
                Attack.of(
                        "unfinished frames",
                        "110 connections send a frame of 4 MB without its last byte",
                        "1013 open reset",
                        FrameAttacks::unfinishedFrames),
                Attack.of(
                        "unfinished frames, side by side",
                        "110 connections send such a frame in turns of 64 kB",
                        "1013 open reset",
                        FrameAttacks::unfinishedSideBySide),
                Attack.of(
                        "unfinished messages",
                        "110 connections send 4 MB in frames of 64 kB without the last",
                        "1013 open reset",
                        FrameAttacks::unfinishedMessages));
    }

    /** Attacks that take some seconds with little load. */
    static List<Attack> slow() {
        return List.of(
                Attack.of(
                        "tiny segments",
                        "a frame of 4 MB comes in segments of 100 bytes, 250 kB a second",
                        "open 1013",
                        FrameAttacks::tinySegments),
                Attack.of(
                        "close without end",
                        "300 clients send a close frame and stay connected",
                        "1000 ended",
                        FrameAttacks::closeWithoutEnd));
    }

    /** Attacks that violate RFC 6455, or come close to it. */
    static List<Attack> light() {
        return List.of(
                Attack.of(
                        "tiny fragments",
                        "8 clients send a message letter by letter",
                        "1008 reset ended",
                        attackers -> flood(attackers, TEXT, Attacker.frame(CONTINUATION, (byte) 'a'))),
                Attack.of(
                        "pings",
                        "8 clients send pings without end",
                        "1008 reset ended",
                        attackers -> flood(attackers, FINAL | PING, Attacker.frame(FINAL | PING, new byte[125]))),
                bad("unmasked frames", "1002 reset", (byte) (FINAL | TEXT), (byte) 2, (byte) '"', (byte) '"'),
                bad("compressed frames", "1002 reset", Attacker.frame(FINAL | RESERVED | TEXT, (byte) 1, (byte) 2)),
                bad("a length of 2^62", "1009 1002 reset", Attacker.header(FINAL | TEXT, 1L << 62)),
                bad("UTF-8 that breaks late", "1007 reset", Attacker.frame(FINAL | TEXT, invalid(60_000))),
                bad("continuation without message", "1002 reset", Attacker.frame(FINAL | CONTINUATION, (byte) 'a')),
                Attack.of(
                        "aborted frames",
                        "300 connections, one after the other, close within a frame",
                        "open",
                        FrameAttacks::abortedFrames));
    }

    /** Attacks with much load. */
    static List<Attack> heavy() {
        return List.of(Attack.of(
                "pongs",
                "8 clients send pongs without end",
                "1008 reset ended",
                attackers -> flood(attackers, FINAL | PONG, Attacker.frame(FINAL | PONG))));
    }

    private static void unfinishedFrames(Attackers attackers) throws IOException {
        byte[] content = new byte[LARGE - 1];
        for (Attacker one : attackers.open(110, "/yjs/unfinished")) {
            one.send(Attacker.header(FINAL | BINARY, LARGE), content);
        }
        attackers.read(SHORT_MILLIS);
    }

    private static void unfinishedSideBySide(Attackers attackers) throws IOException {
        byte[] part = new byte[PART];
        List<Attacker> all = attackers.open(110, "/yjs/unfinished");
        all.forEach(one -> one.send(Attacker.header(FINAL | BINARY, LARGE)));
        for (int i = 0; i < PARTS; i++) {
            all.removeIf(one -> !one.send(part));
        }
        attackers.read(SHORT_MILLIS);
    }

    private static void unfinishedMessages(Attackers attackers) throws IOException {
        byte[] part = new byte[PART];
        for (Attacker one : attackers.open(110, "/yjs/unfinished")) {
            boolean more = one.sendFrame(BINARY, part);
            for (int i = 1; i < PARTS && more; i++) {
                more = one.sendFrame(CONTINUATION, part);
            }
        }
        attackers.read(SHORT_MILLIS);
    }

    private static void tinySegments(Attackers attackers) throws IOException {
        Attacker one = attackers.open("/yjs/slow");
        one.send(Attacker.header(FINAL | BINARY, LARGE));
        byte[] segment = new byte[100];
        for (int millis = 0; millis < SOME_MILLIS; millis += 10) {
            for (int i = 0; i < 25; i++) {
                one.send(segment);
            }
            attackers.read(10);
        }
    }

    private static void closeWithoutEnd(Attackers attackers) throws IOException {
        for (Attacker one : attackers.open(300, "/ws/ending")) {
            one.sendFrame(FINAL | CLOSE, (byte) 3, (byte) 0xE8);
        }
        attackers.read(SOME_MILLIS);
    }

    /** Sends a frame with one letter, then repeats other frames. */
    private static void flood(Attackers attackers, int first, byte[] again) throws IOException {
        byte[] frames = new byte[1_000 * again.length];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = again[i % again.length];
        }
        List<Attacker> all = attackers.open(8, "/ws/flood");
        all.forEach(one -> one.sendFrame(first, (byte) '1'));
        attackers.loop(all, one -> {
            one.send(frames);
            one.read();
        });
        attackers.read(SHORT_MILLIS);
    }

    /** 200 clients send one bad frame each. */
    private static Attack bad(String name, String expected, byte... frame) {
        return Attack.of(name, "200 clients send one", expected, attackers -> {
            attackers.open(200, "/ws/bad").forEach(one -> one.send(frame));
            attackers.read(SOME_MILLIS);
        });
    }

    private static byte[] invalid(int length) {
        byte[] text = new byte[length];
        Arrays.fill(text, (byte) 'a');
        text[0] = '"';
        text[length - 2] = (byte) 0xFF;
        text[length - 1] = '"';
        return text;
    }

    private static void abortedFrames(Attackers attackers) throws IOException {
        for (int i = 0; i < 300; i++) {
            Attacker one = attackers.open("/ws/reset");
            one.send(Attacker.header(FINAL | TEXT, 60_000), new byte[1_000]);
            attackers.closeAndCount(List.of(one));
        }
    }
}
