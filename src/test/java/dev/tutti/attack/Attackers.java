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
 * All attackers of one attack, and what each of them got. They come from one address, which is not the bystander's. Confined to one thread.
 */
final class Attackers implements Closeable {
    /** How long an attack goes on that could go on for ever. */
    static final int MILLIS = Integer.getInteger("tutti.attack.millis", 1_000);

    private static final String[] TUTTI = {"Sec-WebSocket-Protocol: tutti.v1\r\n"};
    private static final String[] NONE = {};
    /** What a client that does not read may have received. */
    private static final int DEAF_BYTES = 4 * 1024;

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

    /** @param address from where they come: whoever limits addresses limits them alone */
    Attackers(Target target, String address) throws IOException {
        this.target = target;
        this.address = address;
    }

    Target target() {
        return target;
    }

    private Attacker connectOne(int receiveBufferBytes) throws IOException {
        Attacker attacker = new Attacker(++count, target, address, receiveBufferBytes, writable);
        all.add(attacker);
        return attacker;
    }

    /** Connects so many, which send nothing yet. */
    List<Attacker> connect(int count) throws IOException {
        return connect(count, 0);
    }

    /** Connects so many that will not read: little is on its way to them. */
    List<Attacker> connectDeaf(int count) throws IOException {
        return connect(count, DEAF_BYTES);
    }

    private List<Attacker> connect(int count, int receiveBufferBytes) throws IOException {
        List<Attacker> connected = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            connected.add(connectOne(receiveBufferBytes));
        }
        return connected;
    }

    /** Opens a WebSocket, or is refused. */
    Attacker open(String path) throws IOException {
        return openOne(0, path);
    }

    private Attacker openOne(int receiveBufferBytes, String path) throws IOException {
        Attacker attacker = connectOne(receiveBufferBytes);
        String[] fields = path.equals("/connect") ? TUTTI : NONE;
        attacker.send(Peer.handshake(target.path(path), fields));
        hear(attacker, HANDSHAKE_MILLIS, attacker::isAnswered);
        return attacker;
    }

    /** Opens so many; the list may be changed. */
    List<Attacker> open(int count, String path) throws IOException {
        return open(count, i -> path);
    }

    /** Opens so many, each at a path of its own. */
    List<Attacker> open(int count, IntFunction<String> path) throws IOException {
        return open(count, 0, path);
    }

    /** Opens so many of clients that will not read: little is on its way to them. */
    List<Attacker> openDeaf(int count, IntFunction<String> path) throws IOException {
        return open(count, DEAF_BYTES, path);
    }

    private List<Attacker> open(int count, int receiveBufferBytes, IntFunction<String> path) throws IOException {
        List<Attacker> opened = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            opened.add(openOne(receiveBufferBytes, path.apply(i)));
        }
        return opened;
    }

    /**
     * Has attackers do something again and again, a thousand times a second at most, until their connections have ended or time is over.
     * None waits for the server.
     */
    void loop(List<Attacker> some, Consumer<Attacker> action) throws IOException {
        List<Attacker> left = new ArrayList<>(some);
        left.forEach(Attacker::beImpatient);
        long end = System.nanoTime() + MILLIS * 1_000_000L;
        while (!left.isEmpty() && System.nanoTime() - end < 0) {
            left.forEach(action);
            left.removeIf(Attacker::isBroken);
            pause(1);
        }
    }

    /** Reads what comes to all, for so long or until all have ended. */
    void hear(int millis) throws IOException {
        hear(all, millis, () -> all.stream().allMatch(Attacker::read));
    }

    /** Waits for so long, while nobody reads. */
    void pause(int millis) throws IOException {
        hear(List.of(), millis, () -> false);
    }

    /** Reads what comes to one until a condition holds. */
    void hear(Attacker attacker, int millis, BooleanSupplier until) throws IOException {
        hear(List.of(attacker), millis, until);
    }

    private void hear(List<Attacker> hearing, int millis, BooleanSupplier until) throws IOException {
        List<SelectionKey> keys = new ArrayList<>();
        for (Attacker attacker : hearing) {
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

    /** Counts what became of some of them, and forgets them. */
    void dismiss(List<Attacker> some) throws IOException {
        for (Attacker attacker : some) {
            tally(attacker);
            attacker.close();
        }
        all.removeAll(some);
    }

    /** Counts what became of all, which have to have read until now what they are to be judged by. */
    Map<String, Integer> tally() throws IOException {
        dismiss(List.copyOf(all));
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

    /** Returns whether this denies a document, in Hocuspocus's words. */
    private static boolean isDenial(byte[] message) {
        int kind = message.length == 0 ? 0 : message[0] + 1;
        return kind > 1 && kind + 1 < message.length && message[kind] == AUTH && message[kind + 1] == DENIED;
    }

    /** Returns outcomes for people, the most frequent first. */
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
