package dev.tutti.attack;

import dev.tutti.standalone.Peer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Attacks with tokens, good and bad, on a server that takes those of {@link SignedTokens}. Stateless. */
final class TokenAttacks {
    private static final int SHORT_MILLIS = 1_000;
    private static final int BAD_TOKENS = 10_000;
    private static final int CONNECTIONS = 3_000;
    private static final int ADDRESSES = 20;

    private TokenAttacks() {}

    static List<Attack> light() {
        return List.of(
                Attack.of(
                        "bad tokens in handshakes",
                        "10,000 handshakes with a bad token from one address, as fast as they can",
                        "401 429 open reset",
                        TokenAttacks::badHandshakes),
                Attack.of(
                        "bad tokens in messages",
                        "100 connections send 10,000 bad tokens a second at /hocuspocus",
                        "denied open 1008 reset",
                        TokenAttacks::badMessages),
                Attack.of(
                        "one user from many addresses",
                        "3,000 connections of one user from 20 addresses join 100 rooms each and publish",
                        "429 limit_exceeded rate_limited not_joined 1001 1008 open reset",
                        TokenAttacks::oneUser));
    }

    private static void badHandshakes(Attackers attackers) throws IOException {
        String handshake = Peer.handshake(
                attackers.target().path("/ws"), "Authorization: Bearer " + SignedTokens.bad("ann") + "\r\n");
        for (int i = 0; i < BAD_TOKENS / 100; i++) {
            List<Attacker> some = attackers.connect(100);
            some.forEach(one -> one.send(handshake));
            attackers.read(SHORT_MILLIS);
            attackers.closeAndCount(some);
        }
    }

    private static void badMessages(Attackers attackers) throws IOException {
        String token = SignedTokens.bad("ann");
        List<Attacker> all = attackers.open(100, "/hocuspocus");
        byte[] message = YjsMessages.authenticate("plan", token);
        long end = System.nanoTime() + SHORT_MILLIS * 1_000_000L;
        while (System.nanoTime() - end < 0) {
            all.forEach(one -> one.sendBinary(message));
            attackers.read(10); // 100 times a second
        }
        attackers.read(SHORT_MILLIS);
    }

    private static void oneUser(Attackers attackers) throws IOException {
        String authorization = "Authorization: Bearer " + SignedTokens.good("ann") + "\r\n";
        List<Attacker> open = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Attacker one = attackers.openFrom("127.0.1." + i % ADDRESSES, "/connect", authorization);
            if (one.isWebSocket()) {
                open.add(one);
                one.sendText(joins(i));
            }
        }
        attackers.loop(
                open, one -> one.sendText("{\"type\":\"publish\",\"room\":\"r-" + one.number() + "-0\",\"data\":1}"));
        attackers.read(SHORT_MILLIS);
    }

    /** Returns 100 requests in one frame. */
    private static String joins(int connection) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            lines.add("{\"type\":\"join\",\"id\":" + i + ",\"room\":\"r-" + (connection + 1) + "-" + i + "\"}");
        }
        return String.join("\n", lines);
    }
}
