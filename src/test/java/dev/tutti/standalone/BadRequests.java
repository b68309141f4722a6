package dev.tutti.standalone;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Requests and handshakes that the server must refuse. Stateless. */
final class BadRequests {
    static final String GET = "GET /health HTTP/1.1\r\nHost: a\r\n";
    static final String POST = "POST /health HTTP/1.1\r\nHost: a\r\n";

    private BadRequests() {}

    /** Returns a name, the expected status and the request. */
    static Stream<Arguments> all() {
        return Stream.of(badHandshakes(), badTargets(), badHeads(), badContents(), badFields())
                .flatMap(group -> group);
    }

    private static Stream<Arguments> badHandshakes() {
        String good = Peer.handshake("/ws");
        return Stream.of(
                arguments("a POST handshake", 405, good.replace("GET", "POST")),
                arguments("a HEAD handshake", 405, good.replace("GET", "HEAD")),
                arguments("a handshake in HTTP/1.0", 400, good.replace("/1.1", "/1.0")),
                arguments("a handshake in HTTP/2.0", 505, good.replace("/1.1", "/2.0")),
                arguments("a handshake without Host", 400, good.replace("Host: 127.0.0.1\r\n", "")),
                arguments("a handshake with two Hosts", 400, Peer.handshake("/ws", "Host: 127.0.0.1\r\n")),
                arguments("a handshake with an empty Host", 400, good.replace("Host: 127.0.0.1", "Host:")),
                arguments("a handshake with a bad Host", 400, good.replace("Host: 127.0.0.1", "Host: a b")),
                arguments("no Connection", 400, good.replace("Connection: Upgrade\r\n", "")),
                arguments("no upgrade in Connection", 400, good.replace("on: Upgrade", "on: keep-alive")),
                arguments("no Upgrade", 426, good.replace("Upgrade: websocket\r\n", "")),
                arguments("an Upgrade to something else", 426, good.replace("websocket\r", "h2c\r")),
                arguments("an Upgrade to several things", 400, good.replace("websocket\r", "websocket, h2c\r")),
                arguments("no key", 400, good.replace("Sec-WebSocket-Key: " + Peer.KEY + "\r\n", "")),
                arguments("two keys", 400, Peer.handshake("/ws", "Sec-WebSocket-Key: " + Peer.KEY + "\r\n")),
                arguments("a short key", 400, good.replace(Peer.KEY, "dGhlIHNhbXBsZSBub25j")),
                arguments("a key that is not base64", 400, good.replace("dGhl", "*Ghl")),
                arguments("a key of 17 bytes", 400, good.replace(Peer.KEY, "dGhlIHNhbXBsZSBub25jZTE=")),
                arguments("an unpadded key", 400, good.replace("==", "")),
                arguments("no version", 426, good.replace("Sec-WebSocket-Version: 13\r\n", "")),
                arguments("version 8", 426, good.replace("13\r", "8\r")),
                arguments("version 8 or 13", 426, good.replace("13\r", "8, 13\r")),
                arguments("another site's page", 403, Peer.handshake("/ws", "Origin: http://evil.example\r\n")),
                arguments("an opaque origin", 403, Peer.handshake("/ws", "Origin: null\r\n")),
                arguments("two origins", 400, Peer.handshake("/ws", "Origin: http://127.0.0.1\r\n".repeat(2))),
                arguments("frames before the answer", 400, good + "frame"),
                arguments("content in a handshake", 400, Peer.handshake("/ws", "Content-Length: 2\r\n") + "ab"),
                arguments("an unknown path", 404, Peer.handshake("/nowhere")),
                arguments("a path below a room", 404, Peer.handshake("/ws/room/more")),
                arguments("a page's path", 404, Peer.handshake("/")),
                arguments("an empty room name", 400, Peer.handshake("/ws/")),
                arguments("a room name with a dot first", 400, Peer.handshake("/ws/.room")),
                arguments("a room name with a space", 400, Peer.handshake("/ws/a%20b")),
                arguments("a room name with a slash", 400, Peer.handshake("/ws/a%2Fb")),
                arguments("a room name that is not NFC", 400, Peer.handshake("/ws/a%CC%88")),
                arguments("a room name of 129 characters", 400, Peer.handshake("/ws/" + "a".repeat(129))),
                arguments("no handshake on a WebSocket's path", 426, GET.replace("/health", "/ws") + "\r\n"),
                arguments("no handshake on a room's path", 426, GET.replace("/health", "/ws/room") + "\r\n"));
    }

    private static Stream<Arguments> badTargets() {
        return Stream.of(
                arguments("a dot segment", 400, get("/a/../health")),
                arguments("an encoded dot segment", 400, get("/%2e%2E/health")),
                arguments("a dot segment of encoded slashes", 400, get("/a%2f..%2fhealth")),
                arguments("a dot segment before a handshake", 400, Peer.handshake("/x/../ws")),
                arguments("a backslash", 400, get("/..\\health")),
                arguments("an encoded backslash", 400, get("/..%5Chealth")),
                arguments("an encoded NUL", 400, get("/health%00")),
                arguments("a lone percent sign", 400, get("/%")),
                arguments("half an octet", 400, get("/health%4")),
                arguments("an octet of no digits", 400, get("/%zz")),
                arguments("an octet that is no UTF-8", 400, get("/%ff")),
                arguments("a bad octet in a query", 400, get("/health?a=%g0")),
                arguments("a bad octet in a handshake's query", 400, Peer.handshake("/ws?a=%")),
                arguments("an unencoded bracket in a path", 400, get("/a[b]")),
                arguments("a letter beyond ASCII", 400, get("/\u00e4")),
                arguments("a fragment", 400, get("/health#a")),
                arguments("a target without a slash", 400, get("health")),
                arguments("an authority as target", 400, get("127.0.0.1:80")),
                arguments("an asterisk as target", 400, get("*")),
                arguments("another scheme's target", 400, get("ftp://a/health")),
                arguments("an absolute target without host", 400, get("http:///health")),
                arguments("an absolute target with a user", 400, get("http://user@a/health")),
                arguments("a target of more than 8 KiB", 414, get("/" + "a".repeat(8192))),
                arguments("a handshake's target of more than 8 KiB", 414, Peer.handshake("/ws?" + "a".repeat(9000))));
    }

    private static Stream<Arguments> badHeads() {
        return Stream.of(
                arguments("TRACE", 405, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"),
                arguments("CONNECT", 405, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
                arguments("an unknown method", 501, "BREW / HTTP/1.1\r\nHost: a\r\n\r\n"),
                arguments("a method in lower case", 501, "get / HTTP/1.1\r\nHost: a\r\n\r\n"),
                arguments("an endless method", 501, "A".repeat(40)),
                arguments("a method that is no token", 400, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
                arguments("HTTP/0.9", 400, "GET /health\r\n\r\n"),
                arguments("HTTP/3.0", 505, "GET /health HTTP/3.0\r\nHost: a\r\n\r\n"),
                arguments("HTTP/2's preface", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                arguments("another protocol", 400, "GET /health FTP/1.1\r\nHost: a\r\n\r\n"),
                arguments("a TLS greeting", 400, "\u0016\u0003\u0001\u0002\u0000\u0001"),
                arguments("two spaces in a request line", 400, "GET  /health HTTP/1.1\r\nHost: a\r\n\r\n"),
                arguments("a tab in a request line", 400, "GET\t/health HTTP/1.1\r\nHost: a\r\n\r\n"),
                arguments("no Host", 400, "GET /health HTTP/1.1\r\n\r\n"),
                arguments("two Hosts", 400, GET + "Host: b\r\n\r\n"));
    }

    private static Stream<Arguments> badContents() {
        return Stream.of(
                arguments(
                        "a length and a coding", 400, POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
                arguments("two lengths", 400, POST + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
                arguments("a list of lengths", 400, POST + "Content-Length: 1, 1\r\n\r\n"),
                arguments("a negative length", 400, POST + "Content-Length: -1\r\n\r\n"),
                arguments("a signed length", 400, POST + "Content-Length: +1\r\n\r\n"),
                arguments("a hexadecimal length", 400, POST + "Content-Length: 0x1\r\n\r\n"),
                arguments("an endless length", 400, POST + "Content-Length: 99999999999999999999\r\n\r\n"),
                arguments("an empty length", 400, POST + "Content-Length:\r\n\r\n"),
                arguments("content over the limit", 413, POST + "Content-Length: 16777217\r\n\r\n"),
                arguments("an unknown coding", 501, POST + "Transfer-Encoding: gzip, chunked\r\n\r\n"),
                arguments("a coding like chunked", 501, POST + "Transfer-Encoding: xchunked\r\n\r\n"),
                arguments("chunked, then another coding", 400, POST + "Transfer-Encoding: chunked, gzip\r\n\r\n"),
                arguments(
                        "chunked twice",
                        400,
                        POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
                arguments("no coding", 400, POST + "Transfer-Encoding:\r\n\r\n"),
                arguments("a coding in HTTP/1.0", 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
                arguments("a chunk without size", 400, POST + "Transfer-Encoding: chunked\r\n\r\nx\r\n"),
                arguments("a chunk that is longer than it says", 400, chunked("1\r\nab\r\n0\r\n\r\n")),
                arguments("a chunk of negative size", 400, chunked("-1\r\n")),
                arguments("an endless chunk size", 400, chunked("000000001\r\n")),
                arguments("chunks over the limit", 413, chunked("1000001\r\n")),
                arguments("a control character in a trailer", 400, chunked("0\r\na: \u0001\r\n\r\n")),
                arguments("a chunk extension", 400, chunked("1;a=b\r\na\r\n0\r\n\r\n")),
                arguments("endless trailers", 431, chunked("0\r\na: " + "a".repeat(5000))),
                arguments("content in a GET", 400, GET + "Content-Length: 1\r\n\r\na"),
                arguments("chunks in a GET", 400, GET + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                arguments("an unknown expectation", 417, POST + "Expect: wonders\r\n\r\n"));
    }

    private static Stream<Arguments> badFields() {
        return Stream.of(
                arguments("a folded field", 400, GET + "A: b\r\n c\r\n\r\n"),
                arguments("a space before the first field", 400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
                arguments("a space before a colon", 400, GET + "A : b\r\n\r\n"),
                arguments("a field without a colon", 400, GET + "A\r\n\r\n"),
                arguments("a field without a name", 400, GET + ": a\r\n\r\n"),
                arguments("a field name with a letter beyond ASCII", 400, GET + "\u00e4: a\r\n\r\n"),
                arguments("a lone line feed", 400, "GET /health HTTP/1.1\nHost: a\n\n"),
                arguments("a lone line feed in a field", 400, GET + "A: b\nC: d\r\n\r\n"),
                arguments("a lone carriage return", 400, GET + "A: b\rC: d\r\n\r\n"),
                arguments("a NUL in a field", 400, GET + "A: b\u0000\r\n\r\n"),
                arguments("a DEL in a field", 400, GET + "A: b\u007f\r\n\r\n"),
                arguments("101 fields", 431, GET + "A: b\r\n".repeat(100) + "\r\n"),
                arguments("a head of more than 16 KiB", 431, GET + "A: " + "b".repeat(16_384)));
    }

    static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
    }

    static String chunked(String content) {
        return POST + "Transfer-Encoding: chunked\r\n\r\n" + content;
    }
}
