package dev.tutti.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.standalone.Peer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * All attackers of one attack, and the number of each outcome. They connect from one address, which differs from the probe's. Confined to
 * one thread.
 */
final class Attackers implements Closeable {
    /** Duration of attacks that could go on without end. */
    static final int MILLIS = Integer.getInteger("tutti.attack.millis", 1_000);

    private static final String TUTTI = "Sec-WebSocket-Protocol: tutti.v1\r\n";
    /** Receive buffer of clients that never read. */
    private static final int UNREAD_BUFFER_BYTES = 4 * 1024;

    private static final int HANDSHAKE_MILLIS = 10_000;
    private static final Pattern ERROR = Pattern.compile("\"code\":\"([a-z_]+)\"");
    private static final int AUTH = 2;
    private static final int DENIED = 1;

    private final Target target;
    private final String address;
    private final Selector writable = Selector.open();
    private final Selector readable = Selector.open();
    private final List<Attacker> all = new ArrayList<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private int count;

    /** @param address source address of all attackers: limits by address apply to them alone */
    Attackers(Target target, String address) throws IOException {
        this.target = target;
        this.address = address;
    }

    Target target() {
        return target;
    }

    private Attacker connectOne(int receiveBufferBytes) throws IOException {
        return connectFrom(address, receiveBufferBytes);
    }

    private Attacker connectFrom(String from, int receiveBufferBytes) throws IOException {
        Attacker attacker = new Attacker(++count, target, from, receiveBufferBytes, writable);
        all.add(attacker);
        return attacker;
    }

    /** Connects {@code count} attackers, which send nothing yet. */
    List<Attacker> connect(int count) throws IOException {
        return connect(count, 0);
    }

    /** Connects {@code count} attackers with small receive buffers, which never read. */
    List<Attacker> connectUnread(int count) throws IOException {
        return connect(count, UNREAD_BUFFER_BYTES);
    }

    private List<Attacker> connect(int count, int receiveBufferBytes) throws IOException {
        List<Attacker> connected = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            connected.add(connectOne(receiveBufferBytes));
        }
        return connected;
    }

    /** Sends a handshake and waits for the response. */
    Attacker open(String path) throws IOException {
        return openOne(0, path);
    }

    private Attacker openOne(int receiveBufferBytes, String path) throws IOException {
        return shakeHands(connectOne(receiveBufferBytes), path, "");
    }

    /** As {@link #open(String)}, from another address and with more header fields, each ending in CRLF. */
    Attacker openFrom(String from, String path, String fields) throws IOException {
        return shakeHands(connectFrom(from, 0), path, fields);
    }

    private Attacker shakeHands(Attacker attacker, String path, String fields) throws IOException {
        String subprotocol = path.equals("/connect") ? TUTTI : "";
        attacker.send(Peer.handshake(target.path(path), subprotocol, fields));
        readUntil(attacker, HANDSHAKE_MILLIS, attacker::isAnswered);
        return attacker;
    }

    /** Opens {@code count} WebSockets; the caller may change the list. */
    List<Attacker> open(int count, String path) throws IOException {
        return open(count, i -> path);
    }

    /** Opens {@code count} WebSockets, each at its own path. */
    List<Attacker> open(int count, IntFunction<String> path) throws IOException {
        return open(count, 0, path);
    }

    /** Opens {@code count} WebSockets with small receive buffers, for attackers that never read. */
    List<Attacker> openUnread(int count, IntFunction<String> path) throws IOException {
        return open(count, UNREAD_BUFFER_BYTES, path);
    }

    private List<Attacker> open(int count, int receiveBufferBytes, IntFunction<String> path) throws IOException {
        List<Attacker> opened = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            opened.add(openOne(receiveBufferBytes, path.apply(i)));
        }
        return opened;
    }

    /**
     * Repeats an action of all attackers, at most a thousand times a second, until their connections have ended or {@link #MILLIS} are
     * over. No attacker waits for the server.
     */
    void loop(List<Attacker> some, Consumer<Attacker> action) throws IOException {
        List<Attacker> left = new ArrayList<>(some);
        left.forEach(Attacker::waitNever);
        long end = System.nanoTime() + MILLIS * 1_000_000L;
        while (!left.isEmpty() && System.nanoTime() - end < 0) {
            left.forEach(action);
            left.removeIf(Attacker::isBroken);
            pause(1);
        }
    }

    /** Reads from all attackers until all connections have ended, or for {@code millis}. */
    void read(int millis) throws IOException {
        readUntil(all, millis, () -> all.stream().allMatch(Attacker::read));
    }

    /** Waits without reading. */
    void pause(int millis) throws IOException {
        readUntil(List.of(), millis, () -> false);
    }

    /** Reads from one attacker until a condition holds. */
    void readUntil(Attacker attacker, int millis, BooleanSupplier until) throws IOException {
        readUntil(List.of(attacker), millis, until);
    }

    private void readUntil(List<Attacker> readers, int millis, BooleanSupplier until) throws IOException {
        List<SelectionKey> keys = new ArrayList<>();
        for (Attacker attacker : readers) {
            if (attacker.channel().isOpen() && !attacker.read()) {
                keys.add(attacker.channel().register(readable, SelectionKey.OP_READ, attacker));
            }
        }
        long end = System.nanoTime() + millis * 1_000_000L;
        for (long left = millis; left > 0 && !until.getAsBoolean(); left = (end - System.nanoTime()) / 1_000_000) {
            readable.select(
                    key -> {
                        if (((Attacker) key.attachment()).read()) {
                            key.cancel();
                        }
                    },
                    left);
        }
        keys.forEach(SelectionKey::cancel);
        readable.selectNow();
    }

    /** Counts the outcomes of some attackers and closes them. */
    void closeAndCount(List<Attacker> some) throws IOException {
        for (Attacker attacker : some) {
            tally(attacker);
            attacker.close();
        }
        all.removeAll(some);
    }

    /** Counts the outcomes of all attackers, as far as they have read, and closes them. Returns the numbers by outcome. */
    Map<String, Integer> tally() throws IOException {
        closeAndCount(List.copyOf(all));
        return outcomes;
    }

    private void tally(Attacker attacker) {
        outcomes.merge(attacker.outcome(), 1, Integer::sum);
        for (byte[] message : attacker.messages()) {
            Matcher error = ERROR.matcher(new String(message, UTF_8));
            if (error.find()) {
                outcomes.merge(error.group(1), 1, Integer::sum);
            } else if (isDenial(message)) {
                outcomes.merge("denied", 1, Integer::sum);
            }
        }
    }

    /** Returns whether a Hocuspocus message denies a document. */
    private static boolean isDenial(byte[] message) {
        int kind = message.length == 0 ? 0 : message[0] + 1;
        return kind > 1 && kind + 1 < message.length && message[kind] == AUTH && message[kind + 1] == DENIED;
    }

    /** Returns outcomes as text, the most frequent first. */
    static String describe(Map<String, Integer> outcomes) {
        return outcomes.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .map(entry -> entry.getValue() == 1 ? entry.getKey() : entry.getKey() + " × " + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    @Override
    public void close() throws IOException {
        for (Attacker attacker : all) {
            attacker.close();
        }
        writable.close();
        readable.close();
    }
}
