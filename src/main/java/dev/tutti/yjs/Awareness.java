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
 * The awareness states of a document's clients, such as name, colour and cursor: one JSON value a client, which this class does not
 * interpret. Follows the awareness protocol of y-protocols. Not thread-safe: confined to one owner at a time. It has no limits; its owner
 * checks counts and bytes.
 *
 * <p>A state has a clock, and the newer clock wins. The state {@code null} removes a client. A removed client is remembered with its clock,
 * because clients echo states that they have received, and a late echo must not bring it back.
 *
 * <pre>
 * update = clients { client clock varString(state) }
 * </pre>
 */
public final class Awareness {
    /** Two numbers, and a string of one character with its length. */
    private static final int MIN_ENTRY_BYTES = 4;

    /** The highest first clock of a client: later clocks count on from it, and must not exceed the range of numbers. */
    private static final long MAX_FIRST_CLOCK = 1L << 50;

    /** The largest step of a clock, for the same reason. */
    private static final long MAX_STEP = 1 << 20;

    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    /** The effect of one entry. */
    public enum Effect {
        /** The entry is not newer; nothing has changed. */
        NONE,
        /** The client was not present before. */
        ADDED,
        /** The client was present and has a newer state, perhaps an equal one. */
        UPDATED,
        /** The client was present and is removed. */
        REMOVED,
        /** The client was removed with a newer clock; nothing has changed. A stock client that receives its removal sets its state again. */
        OUTDATED
    }

    /**
     * A client's state in an update.
     *
     * @param state JSON in UTF-8; null removes the client
     */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    public record Entry(long id, long clock, byte @Nullable [] state) {
        /** Returns whether the client has a state. */
        public boolean isPresent() {
            return state != null;
        }

        /** Returns the bytes of the state; 0 if there is none. */
        public int bytes() {
            return state == null ? 0 : state.length;
        }

        private Entry at(long newClock) {
            return new Entry(id, Math.min(newClock, Lib0Reader.MAX_UINT), state);
        }
    }

    /**
     * A client that is present or removed.
     *
     * @param latest the entry with the highest clock
     * @param isRenewed whether the server has set the clock, so that the client may use the same clock for its next state
     */
    private record Client(Entry latest, boolean isRenewed) {}

    private final Map<Long, Client> clients = new HashMap<>();
    /** Of all states. */
    private long bytes;
    /** The number of {@link #clients} that are present. */
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

    /** Applies an entry of an update. */
    public Effect apply(Entry entry) {
        Client known = clients.get(entry.id);
        if (known == null) {
            return isFirst(entry) ? put(entry, false) : Effect.NONE;
        }
        boolean wasPresent = known.latest.isPresent();
        long clock = known.latest.clock;
        if (crossesRenewal(known, entry)) {
            return put(entry.at(clock + 1), true);
        }
        if (entry.clock > clock || (entry.clock == clock && wasPresent && !entry.isPresent())) {
            return put(entry.at(Math.min(entry.clock, clock + MAX_STEP)), false);
        }
        return !wasPresent && entry.isPresent() ? Effect.OUTDATED : Effect.NONE;
    }

    /**
     * Applies the first entry of a client on a new connection. The client is present with any clock, and gets a clock above all earlier
     * ones: other clients may have removed it, and apply only newer clocks.
     */
    public Effect claim(Entry entry) {
        Client known = clients.get(entry.id);
        if (!entry.isPresent() || (known == null && !isFirst(entry))) {
            return apply(entry);
        }
        long clock = known == null
                ? entry.clock
                : Math.max(known.latest.clock, Math.min(entry.clock, known.latest.clock + MAX_STEP));
        return put(entry.at(clock + 1), true);
    }

    /** Returns whether an entry may add an unknown client. Clock 0 means that the client has set no state yet. */
    private static boolean isFirst(Entry entry) {
        return entry.isPresent() && entry.clock > 0 && entry.clock <= MAX_FIRST_CLOCK;
    }

    /** Returns whether a client has set a new state while the server renewed its old one with the same clock. */
    private static boolean crossesRenewal(Client known, Entry entry) {
        return known.isRenewed
                && known.latest.isPresent()
                && entry.isPresent()
                && entry.clock == known.latest.clock
                && !Arrays.equals(entry.state, known.latest.state);
    }

    private Effect put(Entry entry, boolean isRenewed) {
        Client before = clients.put(entry.id, new Client(entry, isRenewed));
        bytes += entry.bytes() - (before == null ? 0 : before.latest.bytes());
        boolean wasPresent = before != null && before.latest.isPresent();
        count += (entry.isPresent() ? 1 : 0) - (wasPresent ? 1 : 0);
        if (entry.isPresent()) {
            return wasPresent ? Effect.UPDATED : Effect.ADDED;
        }
        return wasPresent ? Effect.REMOVED : Effect.NONE;
    }

    /**
     * Raises the clocks of clients and keeps their states, for receivers that have removed them and apply only newer clocks.
     *
     * @return the ids of those that are present
     */
    public List<Long> renew(Collection<Long> ids) {
        List<Long> renewed = new ArrayList<>();
        for (long id : ids) {
            Client client = clients.get(id);
            if (client != null && client.latest.isPresent()) {
                put(client.latest.at(client.latest.clock + 1), true);
                renewed.add(id);
            }
        }
        return renewed;
    }

    /**
     * Removes a client whose connection has ended.
     *
     * @return whether it was present
     */
    public boolean remove(long id) {
        Client client = clients.get(id);
        if (client == null || !client.latest.isPresent()) {
            return false;
        }
        put(new Entry(id, client.latest.clock, null).at(client.latest.clock + 1), false);
        return true;
    }

    /** Forgets the removed clients. */
    public void forgetRemoved() {
        clients.values().removeIf(client -> !client.latest.isPresent());
    }

    /** Returns the number of clients that are present. */
    public int count() {
        return count;
    }

    /** Returns the number of removed clients that are remembered. */
    public int removedCount() {
        return clients.size() - count;
    }

    /** Returns the bytes of all states. */
    public long bytes() {
        return bytes;
    }

    /** Returns the bytes of a client's state; 0 if it is not present. */
    public int bytes(long id) {
        Client client = clients.get(id);
        return client == null ? 0 : client.latest.bytes();
    }

    /** Returns whether a client is present, or removed and remembered. */
    public boolean isKnown(long id) {
        return clients.containsKey(id);
    }

    /** Returns the ids of the clients that are present, in no order. */
    public List<Long> present() {
        List<Long> present = new ArrayList<>();
        clients.forEach((id, client) -> {
            if (client.latest.isPresent()) {
                present.add(id);
            }
        });
        return present;
    }

    /** Returns a client's clock; 0 if the client is unknown. */
    public long clock(long id) {
        Client client = clients.get(id);
        return client == null ? 0 : client.latest.clock;
    }

    /**
     * Returns an update that removes clients. A stock client that receives its own removal continues from the clock in it and keeps its
     * state; it would lose its state to one with a newer clock than its own.
     */
    public byte[] encodeRemoved(Collection<Long> ids) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(ids.size());
        for (long id : ids) {
            out.writeVarUint(id);
            out.writeVarUint(clock(id));
            out.writeVarBytes(NULL);
        }
        return out.toByteArray();
    }

    /** Returns an update with the latest entries of clients; unknown clients are left out. */
    public byte[] encode(Collection<Long> ids) {
        Lib0Writer entries = new Lib0Writer();
        int written = 0;
        for (long id : ids) {
            Client client = clients.get(id);
            if (client != null) {
                byte[] state = client.latest.state;
                written++;
                entries.writeVarUint(id);
                entries.writeVarUint(client.latest.clock);
                entries.writeVarBytes(state == null ? NULL : state);
            }
        }
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(written);
        out.write(entries);
        return out.toByteArray();
    }
}
