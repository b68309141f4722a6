package dev.tutti.attack;

import java.io.IOException;
import java.util.List;

/** Attacks before the handshake, or without one. Stateless. */
final class HttpAttacks {
    /** Longer than the server's time limit for a head. */
    private static final int SLOW_MILLIS = 8_000;

    private static final int SHORT_MILLIS = 1_000;

    private HttpAttacks() {}

    /** Attacks that take some seconds with little load. */
    static List<Attack> slow() {
        return List.of(
                Attack.of("silence", "2,000 connections send nothing", "ended 408 reset", HttpAttacks::silence),
                Attack.of(
                        "slow heads",
                        "200 connections send a head byte by byte, slowly",
                        "408 ended",
                        HttpAttacks::slowHeads),
                Attack.of(
                        "half-open",
                        "200 connections close their output within a head",
                        "ended 400 reset",
                        HttpAttacks::halfOpen));
    }

    /** Attacks by volume. */
    static List<Attack> light() {
        return List.of(
                Attack.of(
                        "endless heads",
                        "8 connections send header fields without end",
                        "431 400 reset",
                        attackers -> endless(
                                attackers, "GET /health HTTP/1.1\r\nHost: a\r\n", "X-Field: aaaaaaaaaaaaaaaaaaaa\r\n")),
                Attack.of(
                        "huge content",
                        "8 requests announce a terabyte and start to send it",
                        "413 400 404 405 reset",
                        attackers -> endless(
                                attackers,
                                request(attackers, "POST", "/api/documents/a", "Content-Length: 1099511627776\r\n"),
                                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
                Attack.of(
                        "endless chunks",
                        "8 requests send chunks without end",
                        "400 404 405 411 413 501 reset",
                        attackers -> endless(
                                attackers,
                                request(attackers, "DELETE", "/api/documents/a", "Transfer-Encoding: chunked\r\n"),
                                "1\r\na\r\n")),
                Attack.of("TLS", "500 connections start TLS on a plain port", "400 ended reset", HttpAttacks::tls),
                Attack.of("bad rooms", "2,000 handshakes with an invalid room name", "400 1008", HttpAttacks::badRooms),
                Attack.of(
                        "deletes of unknown documents",
                        "5,000 requests delete unknown documents",
                        "404 409 503 429",
                        attackers -> numbered(attackers, "DELETE", "/api/documents/unknown-%d")));
    }

    /** Attacks with much load. */
    static List<Attack> heavy() {
        return List.of(
                Attack.of(
                        "lists unread",
                        "300 connections ask for a list of 1,000 documents each and do not read",
                        "200 408 503 reset ended open",
                        attackers -> unread(attackers, "/api/documents?limit=1000")),
                Attack.of(
                        "pages unread",
                        "300 connections ask for a page each and do not read",
                        "200 408 503 reset ended open",
                        attackers -> unread(attackers, "/tutti.js")),
                Attack.of(
                        "documents asked for",
                        "5,000 requests ask for a document each",
                        "200 503 429",
                        attackers -> numbered(attackers, "GET", "/api/documents/asked-%d/stored")));
    }

    private static void silence(Attackers attackers) throws IOException {
        attackers.connect(2_000);
        attackers.read(SLOW_MILLIS);
    }

    private static void slowHeads(Attackers attackers) throws IOException {
        List<Attacker> slow = attackers.connect(200);
        slow.forEach(one -> one.send("GET /health HTTP/1.1\r\nHost: "));
        for (int i = 0; i < SLOW_MILLIS / 250; i++) {
            slow.forEach(one -> one.send("a"));
            attackers.read(250);
        }
    }

    private static void halfOpen(Attackers attackers) throws IOException {
        for (Attacker one : attackers.connect(200)) {
            one.send("GET /ws HTTP/1.1\r\nHost: a\r\n");
            one.shutdownOutput();
        }
        attackers.read(SLOW_MILLIS);
    }

    /** Sends a start, then repeats a text until the connection ends. */
    private static void endless(Attackers attackers, String start, String again) throws IOException {
        String much = again.repeat(2_000);
        List<Attacker> all = attackers.connect(8);
        all.forEach(one -> one.send(start));
        attackers.loop(all, one -> one.send(much));
        attackers.read(SHORT_MILLIS);
    }

    private static void tls(Attackers attackers) throws IOException {
        String hello = "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003" + "\u00aa".repeat(500);
        attackers.connect(500).forEach(one -> one.send(hello));
        attackers.read(5 * SHORT_MILLIS);
    }

    private static void badRooms(Attackers attackers) throws IOException {
        for (int i = 0; i < 2_000; i++) {
            Attacker one = attackers.open("/ws/%00" + i);
            attackers.readUntil(one, SHORT_MILLIS, () -> !one.isWebSocket() || one.read());
            attackers.closeAndCount(List.of(one));
        }
    }

    private static void unread(Attackers attackers, String path) throws IOException {
        for (Attacker one : attackers.connectUnread(300)) {
            one.send(request(attackers, "GET", path));
        }
        attackers.pause(SHORT_MILLIS);
        attackers.read(SHORT_MILLIS);
    }

    /** 5,000 requests for numbered paths on 50 connections. */
    private static void numbered(Attackers attackers, String method, String path) throws IOException {
        List<Attacker> connections = attackers.connect(50);
        for (int i = 0; i < connections.size(); i++) {
            StringBuilder requests = new StringBuilder();
            for (int j = 1; j < 100; j++) {
                requests.append(request(attackers, method, String.format(path, 100 * i + j)));
            }
            requests.append(request(attackers, method, String.format(path, 100 * i), "Connection: close\r\n"));
            connections.get(i).send(requests.toString());
        }
        attackers.read(10 * SHORT_MILLIS);
    }

    private static String request(Attackers attackers, String method, String path, String... fields) {
        return method + " " + attackers.target().path(path) + " HTTP/1.1\r\nHost: localhost\r\n"
                + String.join("", fields) + "\r\n";
    }
}
