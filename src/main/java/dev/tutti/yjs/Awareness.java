package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Json;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who is there, and what each says of itself: a state by client, as JSON that nobody here looks into. Follows y-protocols'
 * awareness protocol. Not thread-safe: confined to one owner at a time. It has no limits: its owner asks how much there is.
 *
 * <p>A state has a clock, and the newer one wins. A client leaves with the state {@code null}; it is remembered,
 * because clients repeat what they hear, and a late echo must not bring it back.
 *
 * <pre>
 * update = clients { client clock varString(state) }
 * </pre>
 */
public final class Awareness {
    /** Two numbers, and a string of one character with its length. */
    private static final int MIN_ENTRY_BYTES = 4;

    /** The highest first clock of a client: whoever speaks next counts on from it, and must not reach the end of the numbers. */
    private static final long MAX_FIRST_CLOCK = 1L << 50;

    /** How far a clock goes on at most in one step, for the same reason. */
    private static final long MAX_STEP = 1 << 20;

    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    /** What an entry of an update has changed. */
    public enum Effect {
        /** Nothing: it is not newer. */
        NONE,
        /** The client was not there before. */
        ADDED,
        /** The client was there and has said something newer, perhaps the same. */
        UPDATED,
        /** The client was there and has left. */
        REMOVED,
        /** Nothing: the client has left with a newer clock. A stock client speaks again, louder, when it hears that of itself. */
        OUTDATED
    }

    /**
     * What an update says of a client.
     *
     * @param state JSON in UTF-8; null if it has left
     */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    public record Entry(long id, long clock, byte @Nullable [] state) {
        /** Returns whether the client is there. */
        public boolean isThere() {
            return state != null;
        }

        /** Returns the length of the state. */
        public int bytes() {
            return state == null ? 0 : state.length;
        }

        private Entry at(long newClock) {
            return new Entry(id, Math.min(newClock, Lib0Reader.MAX_UINT), state);
        }
    }

    /**
     * What is known of a client.
     *
     * @param isRenewed whether the clock may be one that the client is about to use itself
     */
    private record Client(Entry said, boolean isRenewed) {}

    private final Map<Long, Client> clients = new HashMap<>();
    private long bytes;
    /** How many of {@link #clients} are there. */
    private int count;

    /** Reads an update. */
    public static List<Entry> decode(byte[] update) throws MalformedUpdateException {
        Lib0Reader in = new Lib0Reader(update);
        List<Entry> entries = new ArrayList<>();
        for (int left = in.readCount(MIN_ENTRY_BYTES); left > 0; left--) {
            long id = in.readVarUint();
            long clock = in.readVarUint();
            byte[] state = in.readVarBytes();
            entries.add(new Entry(id, clock, Json.isNull(state) ? null : state));
        }
        in.expectEnd();
        return entries;
    }

    /** Takes in what is said of a client. */
    public Effect apply(Entry entry) {
        Client known = clients.get(entry.id);
        if (known == null) {
            return startsAt(entry) ? put(entry, false) : Effect.NONE;
        }
        boolean wasThere = known.said.isThere();
        long clock = known.said.clock;
        if (crossed(known, entry)) {
            return put(entry.at(clock + 1), true);
        }
        if (entry.clock > clock || (entry.clock == clock && wasThere && !entry.isThere())) {
            return put(entry.at(Math.min(entry.clock, clock + MAX_STEP)), false);
        }
        return !wasThere && entry.isThere() ? Effect.OUTDATED : Effect.NONE;
    }

    /**
     * Takes in what a client says first on a new connection. It is there whatever was known of it, and gets a newer clock than any that was
     * told: others may have forgotten it, and believe only what is newer than what they knew.
     */
    public Effect claim(Entry entry) {
        Client known = clients.get(entry.id);
        if (!entry.isThere() || (known == null && !startsAt(entry))) {
            return apply(entry);
        }
        long clock = known == null
                ? entry.clock
                : Math.max(known.said.clock, Math.min(entry.clock, known.said.clock + MAX_STEP));
        return put(entry.at(clock + 1), true);
    }

    /** A client that nothing is known of has clock 0 and no state, and leaves nothing behind by leaving. */
    private static boolean startsAt(Entry entry) {
        return entry.isThere() && entry.clock > 0 && entry.clock <= MAX_FIRST_CLOCK;
    }

    /** Returns whether a client said something just as it was renewed, and so with the same clock. */
    private static boolean crossed(Client known, Entry entry) {
        return known.isRenewed
                && known.said.isThere()
                && entry.isThere()
                && entry.clock == known.said.clock
                && !Arrays.equals(entry.state, known.said.state);
    }

    private Effect put(Entry entry, boolean isRenewed) {
        Client before = clients.put(entry.id, new Client(entry, isRenewed));
        bytes += entry.bytes() - (before == null ? 0 : before.said.bytes());
        boolean wasThere = before != null && before.said.isThere();
        count += (entry.isThere() ? 1 : 0) - (wasThere ? 1 : 0);
        if (entry.isThere()) {
            return wasThere ? Effect.UPDATED : Effect.ADDED;
        }
        return wasThere ? Effect.REMOVED : Effect.NONE;
    }

    /**
     * Says of clients anew what they said last, for those who have forgotten it and believe only what is newer than what they knew.
     *
     * @return those who are there
     */
    public List<Long> renew(Collection<Long> ids) {
        List<Long> renewed = new ArrayList<>();
        for (long id : ids) {
            Client client = clients.get(id);
            if (client != null && client.said.isThere()) {
                put(client.said.at(client.said.clock + 1), true);
                renewed.add(id);
            }
        }
        return renewed;
    }

    /**
     * Takes a client for gone, as when the connection ended that it spoke on.
     *
     * @return whether it was there
     */
    public boolean remove(long id) {
        Client client = clients.get(id);
        if (client == null || !client.said.isThere()) {
            return false;
        }
        put(new Entry(id, client.said.clock, null).at(client.said.clock + 1), false);
        return true;
    }

    /** Forgets the clients that have left. */
    public void forgetGone() {
        clients.values().removeIf(client -> !client.said.isThere());
    }

    /** Returns how many clients are there. */
    public int count() {
        return count;
    }

    /** Returns how many clients are remembered to have left. */
    public int goneCount() {
        return clients.size() - count;
    }

    /** Returns how long all states are. */
    public long bytes() {
        return bytes;
    }

    /** Returns how long the state of a client is; 0 if it is not there. */
    public int bytes(long id) {
        Client client = clients.get(id);
        return client == null ? 0 : client.said.bytes();
    }

    /** Returns whether a client is there, or has been. */
    public boolean isKnown(long id) {
        return clients.containsKey(id);
    }

    /** Returns the clients who are there, in no order. */
    public List<Long> clients() {
        List<Long> there = new ArrayList<>();
        clients.forEach((id, client) -> {
            if (client.said.isThere()) {
                there.add(id);
            }
        });
        return there;
    }

    /** Returns a client's clock; 0 if nothing is known of it. */
    public long clock(long id) {
        Client client = clients.get(id);
        return client == null ? 0 : client.said.clock;
    }

    /**
     * Returns an update that says of clients that they have left. A stock client that hears that of itself goes on from the clock in it, and
     * keeps its state, which it would not if it heard a state with a newer clock than its own.
     */
    public byte[] encodeGone(Collection<Long> ids) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(ids.size());
        for (long id : ids) {
            out.writeVarUint(id);
            out.writeVarUint(clock(id));
            out.writeVarBytes(NULL);
        }
        return out.toByteArray();
    }

    /** Returns an update that says what is known of some clients; nothing of those that nothing is known of. */
    public byte[] encode(Collection<Long> ids) {
        Lib0Writer entries = new Lib0Writer();
        int count = 0;
        for (long id : ids) {
            Client client = clients.get(id);
            if (client != null) {
                byte[] state = client.said.state;
                count++;
                entries.writeVarUint(id);
                entries.writeVarUint(client.said.clock);
                entries.writeVarBytes(state == null ? NULL : state);
            }
        }
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(count);
        out.write(entries);
        return out.toByteArray();
    }
}
