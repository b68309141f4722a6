package dev.tutti.yjs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Who is there, and what each says of itself: a state by client, as JSON that nobody here looks into. Follows y-protocols'
 * awareness protocol. Not thread-safe: confined to one owner at a time. The time is the caller's, in milliseconds of any clock.
 *
 * <p>A state has a clock, and the newer one wins. A client leaves with the state {@code null}; it is remembered for a while,
 * because clients repeat what they hear, and a late echo must not bring it back.
 *
 * <pre>
 * update = clients { client clock varString(state) }
 * </pre>
 */
public final class Awareness {
    /** Two numbers, and a string of one character with its length. */
    private static final int MIN_ENTRY_BYTES = 4;

    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    /**
     * What an update did, by client. Immutable.
     *
     * @param added who was not there before
     * @param updated who was there and said something newer, perhaps the same
     * @param removed who was there and left
     * @param outdated who was taken for gone and spoke with a clock that is not newer, on a new connection most likely; whoever was not
     *     revived, and so is not among the added, speaks again, louder, when it is told what {@link #encode} has of it
     * @param repeated who was there and said just what is known; changes nothing
     */
    public record Change(
            List<Long> added, List<Long> updated, List<Long> removed, List<Long> outdated, List<Long> repeated) {
        /** Copies the lists. */
        public Change {
            added = List.copyOf(added);
            updated = List.copyOf(updated);
            removed = List.copyOf(removed);
            outdated = List.copyOf(outdated);
            repeated = List.copyOf(repeated);
        }

        /** Returns of whom everybody has to be told: who was added, updated or removed. */
        public List<Long> changed() {
            List<Long> changed = new ArrayList<>(added);
            changed.addAll(updated);
            changed.addAll(removed);
            return changed;
        }
    }

    /** What was said of a client, and when; no state when it left. Immutable. */
    private static final class Client {
        private final long clock;
        private final byte @Nullable [] state;
        private final long heardMillis;
        /** The clock may be one that the client is about to use itself. */
        private final boolean renewed;

        Client(long clock, byte @Nullable [] state, long heardMillis, boolean renewed) {
            this.clock = clock;
            this.state = state;
            this.heardMillis = heardMillis;
            this.renewed = renewed;
        }

        Client(long clock, byte @Nullable [] state, long heardMillis) {
            this(clock, state, heardMillis, false);
        }

        /** Returns the same, said anew. */
        Client next(long nowMillis) {
            return new Client(Math.min(clock + 1, Lib0Reader.MAX_UINT), state, nowMillis, true);
        }

        boolean isThere() {
            return state != null;
        }

        int bytes() {
            return state == null ? 0 : state.length;
        }
    }

    /** What an update says of a client. */
    private record Entry(long id, Client said) {}

    private final AwarenessLimits limits;
    private final Map<Long, Client> clients = new HashMap<>();
    private long bytes;

    /** Makes one in which nobody is there. */
    public Awareness(AwarenessLimits limits) {
        this.limits = limits;
    }

    /**
     * Takes an update in. If it is refused, nothing has changed.
     *
     * @throws MalformedUpdateException if the bytes are no awareness update
     * @throws LimitExceededException if too many would be there, or say too much
     */
    public Change apply(byte[] update, long nowMillis) throws MalformedUpdateException, LimitExceededException {
        return apply(update, nowMillis, id -> true, false);
    }

    /**
     * As above; what is said of clients of whom the speaker may not speak is left out.
     *
     * @param revives whether who was taken for gone is there again, and not only outdated, since it is itself who speaks
     */
    public Change apply(byte[] update, long nowMillis, LongPredicate maySpeakOf, boolean revives)
            throws MalformedUpdateException, LimitExceededException {
        List<Entry> entries = decode(update, nowMillis);
        entries.removeIf(entry -> !maySpeakOf.test(entry.id));
        expectRoom(entries);
        List<Long> added = new ArrayList<>();
        List<Long> updated = new ArrayList<>();
        List<Long> removed = new ArrayList<>();
        List<Long> outdated = new ArrayList<>();
        List<Long> repeated = new ArrayList<>();
        for (Entry entry : entries) {
            Client known = clients.get(entry.id);
            boolean wasThere = known != null && known.isThere();
            boolean isThere = entry.said.isThere();
            if (isNews(known, entry.said)) {
                put(entry.id, crossed(known, entry.said) ? entry.said.next(nowMillis) : entry.said);
                if (isThere) {
                    (wasThere ? updated : added).add(entry.id);
                } else if (wasThere) {
                    removed.add(entry.id);
                }
            } else if (known != null && !wasThere && isThere) {
                outdated.add(entry.id);
                if (revives) {
                    put(entry.id, new Client(known.clock, entry.said.state, nowMillis).next(nowMillis));
                    added.add(entry.id);
                }
            } else if (known != null && wasThere && isThere && entry.said.clock == known.clock) {
                repeated.add(entry.id);
            }
        }
        return new Change(added, updated, removed, outdated, repeated);
    }

    private static List<Entry> decode(byte[] update, long nowMillis) throws MalformedUpdateException {
        Lib0Reader in = new Lib0Reader(update);
        List<Entry> entries = new ArrayList<>();
        for (int left = in.readCount(MIN_ENTRY_BYTES); left > 0; left--) {
            long id = in.readVarUint();
            long clock = in.readVarUint();
            byte[] state = in.readVarBytes();
            entries.add(new Entry(id, new Client(clock, Json.isNull(state) ? null : state, nowMillis)));
        }
        in.expectEnd();
        return entries;
    }

    /** A client that nothing is known of has clock 0 and no state, and leaves nothing behind by leaving. */
    private static boolean isNews(@Nullable Client known, Client said) {
        if (known == null) {
            return said.isThere() && said.clock > 0;
        }
        return said.clock > known.clock
                || (said.clock == known.clock && !said.isThere() && known.isThere())
                || crossed(known, said);
    }

    /** Returns whether a client said something just as it was renewed, and so with the same clock. */
    private static boolean crossed(@Nullable Client known, Client said) {
        return known != null
                && known.renewed
                && known.isThere()
                && said.isThere()
                && said.clock == known.clock
                && !Arrays.equals(said.state, known.state);
    }

    private void expectRoom(List<Entry> entries) throws LimitExceededException {
        if (!hasRoom(entries)) {
            clients.values().removeIf(client -> !client.isThere());
            if (!hasRoom(entries)) {
                throw new LimitExceededException("too many are there, or say too much");
            }
        }
    }

    private boolean hasRoom(List<Entry> entries) {
        int added = 0;
        long grown = 0;
        for (Entry entry : entries) {
            Client known = clients.get(entry.id);
            if (isNews(known, entry.said)) {
                added += known == null ? 1 : 0;
                grown += Math.max(0, entry.said.bytes() - (known == null ? 0 : known.bytes()));
            }
        }
        return (added == 0 || clients.size() + added <= limits.maxClients())
                && (grown == 0 || bytes + grown <= limits.maxBytes());
    }

    private void put(long id, Client client) {
        Client before = clients.put(id, client);
        bytes += client.bytes() - (before == null ? 0 : before.bytes());
    }

    /**
     * Says of clients anew what they said last, for those who have forgotten it and believe only what is newer than what they knew.
     *
     * @return those who are there
     */
    public List<Long> renew(Collection<Long> ids, long nowMillis) {
        List<Long> renewed = new ArrayList<>();
        for (long id : ids) {
            Client client = clients.get(id);
            if (client != null && client.isThere()) {
                put(id, client.next(nowMillis));
                renewed.add(id);
            }
        }
        return renewed;
    }

    /**
     * Takes clients for gone, as when the connection ended that they spoke on.
     *
     * @return those who were there
     */
    public List<Long> remove(Collection<Long> ids, long nowMillis) {
        List<Long> removed = new ArrayList<>();
        for (long id : ids) {
            Client client = clients.get(id);
            if (client != null && client.isThere()) {
                put(id, new Client(Math.min(client.clock + 1, Lib0Reader.MAX_UINT), null, nowMillis));
                removed.add(id);
            }
        }
        return removed;
    }

    /**
     * Takes clients for gone that have not been heard of for a time, and forgets those that have been gone for as long.
     *
     * @return those who were there
     */
    public List<Long> expire(long nowMillis, long maxSilenceMillis) {
        List<Long> silent = new ArrayList<>();
        for (Iterator<Map.Entry<Long, Client>> i = clients.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<Long, Client> entry = i.next();
            if (nowMillis - entry.getValue().heardMillis >= maxSilenceMillis) {
                if (entry.getValue().isThere()) {
                    silent.add(entry.getKey());
                } else {
                    i.remove();
                }
            }
        }
        return remove(silent, nowMillis);
    }

    /** Returns the clients who are there, in no order. */
    public List<Long> clients() {
        List<Long> there = new ArrayList<>();
        clients.forEach((id, client) -> {
            if (client.isThere()) {
                there.add(id);
            }
        });
        return there;
    }

    /** Returns an update that says what is known of some clients; nothing of those that nothing is known of. */
    public byte[] encode(Collection<Long> ids) {
        Lib0Writer entries = new Lib0Writer();
        int count = 0;
        for (long id : ids) {
            Client client = clients.get(id);
            if (client != null) {
                count++;
                entries.writeVarUint(id);
                entries.writeVarUint(client.clock);
                entries.writeVarBytes(client.state == null ? NULL : client.state);
            }
        }
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(count);
        out.write(entries);
        return out.toByteArray();
    }
}
