package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A Yjs document as a server holds it: everything that its clients ever wrote, minus the content of what was deleted, ready to be
 * stored and to be told to whoever lacks a part of it. Not thread-safe: confined to one owner at a time.
 *
 * <p>It takes updates in any order, any number of times, and is the same afterwards. A struct that comes before an earlier one of
 * its client, and a delete that comes before its struct, are <i>parked</i>: they are part of the document, and of all that it
 * encodes, but its state vector does not count them. How much may be parked is limited.
 *
 * <p>Deleted content is dropped, as Yjs does by default, so documents with {@code gc: false}, whose history can be looked at, are
 * not for this.
 *
 * <p>All encodings are of version 1. An update costs the time that its size needs, however large the document is.
 */
public final class YDocument {
    /** An update of Yjs's has one section of structs for each client; each further one costs as much as an update. */
    private static final int MAX_REPEATED_SECTIONS = 10_000;

    /** The fewest bytes in an update that make a client. */
    private static final int MIN_CLIENT_BYTES = 4;

    private final NavigableMap<Long, ClientStructs> clients = new TreeMap<>(Comparator.reverseOrder());
    private final Parked parked;
    private long memoryBytes;
    /** A shared type was deleted since {@link #dropOrphans} was called. */
    private boolean mayHaveOrphans;

    /** Makes an empty document. */
    public YDocument(DocumentLimits limits) {
        this.parked = new Parked(limits);
    }

    /**
     * Returns the document that {@link #encode} encoded. What was parked is parked again, whatever the limits are: a document can
     * always be read that was written.
     *
     * @param state also the {@link Updates#merge merge} of all that {@link #apply} returned
     * @throws MalformedUpdateException if the bytes are no update
     */
    public static YDocument decode(byte[] state, DocumentLimits limits) throws MalformedUpdateException {
        return decode(List.of(state), limits);
    }

    /** As above, of a document that is kept as several updates, in whatever order. */
    public static YDocument decode(List<byte[]> updates, DocumentLimits limits) throws MalformedUpdateException {
        return decode(updates, limits, 0);
    }

    /** As above; what is parked has been waiting since a time, in milliseconds. */
    public static YDocument decode(List<byte[]> updates, DocumentLimits limits, long nowMillis)
            throws MalformedUpdateException {
        YDocument document = new YDocument(limits);
        try {
            for (byte[] update : updates) {
                Changes changes = new Changes(Long.MAX_VALUE);
                document.take(update, changes);
                document.close(changes);
            }
        } catch (LimitExceededException e) {
            throw new IllegalStateException("there is no limit", e);
        }
        document.clients.values().forEach(structs -> document.parkAgain(structs, nowMillis));
        return document;
    }

    private void parkAgain(ClientStructs structs, long nowMillis) {
        if (structs.hasParked()) {
            parked.add(structs.parked(nowMillis));
        }
    }

    /**
     * Takes an update in, whatever it makes of the document. If it is refused, the document is what it was before.
     *
     * @return as the other one
     */
    public Optional<byte[]> apply(byte[] update) throws MalformedUpdateException, LimitExceededException {
        return apply(update, Allowance.ALL);
    }

    /**
     * Takes an update in. If it is refused, the document is what it was before.
     *
     * @return what was new in it, parked or not, as an update for all who had what this document had; empty if nothing was
     * @throws MalformedUpdateException if the bytes are no update, or one that a Yjs client could not read
     * @throws LimitExceededException if the document would grow too much, or too much of one contributor would be parked
     */
    public Optional<byte[]> apply(byte[] update, Allowance allowance)
            throws MalformedUpdateException, LimitExceededException {
        long max = Math.max(0, Math.max(allowance.insertingBytes(), allowance.deletingBytes()));
        long maxMeanwhile = max > Long.MAX_VALUE / 2 ? max : max + 2L * update.length;
        expectRoomForClients(update, maxMeanwhile);
        Changes changes = new Changes(maxMeanwhile);
        boolean isTaken = false;
        try {
            take(update, changes);
            expectAllowed(changes, allowance);
            isTaken = true;
        } finally {
            if (!isTaken) {
                undo(changes);
            }
        }
        park(changes, allowance);
        close(changes);
        parked.takeExcess().forEach(this::drop);
        return changes.isEmpty() ? Optional.empty() : Optional.of(changes.encode());
    }

    /**
     * Refuses an update whose new clients alone need more memory than the document may take, before anything is made of it: a client takes
     * up to fifty times the bytes that name it, and about twice that again while the update can still be undone.
     */
    private void expectRoomForClients(byte[] update, long maxBytes)
            throws MalformedUpdateException, LimitExceededException {
        if ((long) update.length / MIN_CLIENT_BYTES * ClientStructs.OVERHEAD_BYTES <= maxBytes) {
            return;
        }
        UpdateReader in = new UpdateReader(update);
        long needed = 0;
        while (in.nextClient()) {
            boolean inserts = false;
            while (in.hasStruct()) {
                inserts |= in.nextStruct().kind != Kind.SKIP;
            }
            needed += inserts && !clients.containsKey(in.client()) ? ClientStructs.MIN_BYTES : 0;
        }
        long neededByDeletes = 0;
        while (in.nextDeletes()) {
            boolean deletes = !in.deletes().isEmpty();
            neededByDeletes += deletes && !clients.containsKey(in.client()) ? ClientStructs.OVERHEAD_BYTES : 0;
        }
        if (Math.max(needed, neededByDeletes) > maxBytes) { // the same clients may have both
            throw Changes.tooLarge();
        }
    }

    private void take(byte[] update, Changes changes) throws MalformedUpdateException, LimitExceededException {
        UpdateReader in = new UpdateReader(update);
        BlockWriter writer = new BlockWriter();
        int repeated = 0;
        while (in.nextClient()) {
            Changes.Change change = open(in.client(), changes);
            if (change.hasSection && ++repeated > MAX_REPEATED_SECTIONS) {
                throw new MalformedUpdateException("a client's structs in too many places");
            }
            change.hasSection = true;
            Insertion insertion = new Insertion(change, writer);
            while (in.hasStruct()) {
                insertion.add(in.nextStruct());
            }
            insertion.finish();
        }
        while (in.nextDeletes()) {
            if (!in.deletes().isEmpty()) {
                open(in.client(), changes).deletes.addAll(in.deletes());
            }
        }
        for (Changes.Change change : changes.list()) {
            change.inserted.normalize();
            changes.foundType |= change.structs.delete(change, writer);
        }
    }

    private Changes.Change open(long client, Changes changes) throws LimitExceededException {
        ClientStructs structs = clients.get(client);
        boolean isNew = structs == null;
        if (structs == null) {
            structs = new ClientStructs(client);
            clients.put(client, structs);
        }
        return changes.of(structs, isNew);
    }

    private void expectAllowed(Changes changes, Allowance allowance) throws LimitExceededException {
        int entries = 0;
        long bytes = 0;
        for (Changes.Change change : changes.list()) {
            if (change.waits()) {
                entries += change.waitingEntries();
                bytes += change.waitingBytes();
            }
        }
        if (entries > 0) {
            parked.expectRoom(allowance.contributor(), entries, bytes);
        }
        changes.expectGrowth(changes.inserts() ? allowance.insertingBytes() : allowance.deletingBytes());
    }

    private void park(Changes changes, Allowance allowance) {
        for (Changes.Change change : changes.list()) {
            ClientStructs structs = change.structs;
            if (!parked.isEmpty()) {
                parked.release(structs.client(), structs.known());
            }
            if (change.waits()) {
                ClockRanges waiting =
                        ClockRanges.of(structs.known(), structs.end()).and(change.inserted);
                parked.add(new Parked.Claim(
                        allowance.contributor(),
                        structs.client(),
                        waiting,
                        change.waitingDeletes,
                        change.waitingEntries(),
                        change.waitingBytes(),
                        allowance.nowMillis()));
            }
        }
    }

    private void close(Changes changes) {
        mayHaveOrphans |= changes.foundType;
        for (Changes.Change change : changes.list()) {
            memoryBytes += change.growth();
            close(change.structs);
        }
    }

    private void undo(Changes changes) {
        for (Changes.Change change : changes.list()) {
            change.undo();
            close(change.structs);
        }
    }

    private void close(ClientStructs structs) {
        structs.change = null;
        if (structs.isEmpty()) {
            clients.remove(structs.client());
        }
    }

    /**
     * Forgets what has been parked since before a time, in milliseconds: what it waits for has not come. An honest client sends it again
     * together with that, because the state vector does not count it.
     *
     * @return whether there was any, so that what is stored has more in it than this
     */
    public boolean dropParkedBefore(long millis) {
        List<Parked.Claim> old = parked.takeOlderThan(millis);
        old.forEach(this::drop);
        return !old.isEmpty();
    }

    private void drop(Parked.Claim claim) {
        ClientStructs structs = clients.get(claim.client());
        if (structs != null) {
            memoryBytes -= structs.memoryBytes();
            structs.drop(claim.structs(), claim.deletes(), new BlockWriter());
            memoryBytes += structs.isEmpty() ? 0 : structs.memoryBytes();
            close(structs);
        }
    }

    /** Returns how far this document knows each client, encoded. */
    public byte[] stateVector() {
        return stateVector(Map.of());
    }

    /**
     * Returns how far this document would know each client if some updates had not come, encoded.
     *
     * @param updates each of which {@link #apply} returned
     */
    public byte[] stateVectorWithout(List<byte[]> updates) {
        Map<Long, Integer> ends = new HashMap<>();
        try {
            for (byte[] update : updates) {
                UpdateReader in = new UpdateReader(update);
                while (in.nextClient()) {
                    while (in.hasStruct()) {
                        Struct struct = in.nextStruct();
                        if (struct.kind != Kind.SKIP) {
                            ends.merge(in.client(), struct.clock, Math::min);
                        }
                    }
                }
            }
        } catch (MalformedUpdateException e) {
            throw new IllegalArgumentException("not an update of this document's", e);
        }
        return stateVector(ends);
    }

    private byte[] stateVector(Map<Long, Integer> ends) {
        Lib0Writer entries = new Lib0Writer();
        int count = 0;
        for (ClientStructs structs : clients.values()) {
            int known = Math.min(structs.known(), ends.getOrDefault(structs.client(), Integer.MAX_VALUE));
            if (known > 0) {
                count++;
                entries.writeVarUint(structs.client());
                entries.writeVarUint(known);
            }
        }
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(count);
        out.write(entries);
        return out.toByteArray();
    }

    /**
     * Returns what somebody lacks who knows what a state vector says, as an update. All deletes are in it, which a state vector
     * says nothing of.
     *
     * @throws MalformedUpdateException if the bytes are no state vector
     */
    public byte[] diff(byte[] stateVector) throws MalformedUpdateException {
        return diff(StateVector.decode(stateVector, clients.keySet()));
    }

    /**
     * Returns whether nothing is new in an update.
     *
     * @throws MalformedUpdateException if the bytes are no update
     */
    public boolean contains(byte[] update) throws MalformedUpdateException {
        UpdateReader in = new UpdateReader(update);
        Map<ClientStructs, ClockRanges> structs = new HashMap<>();
        Map<ClientStructs, ClockRanges> deletes = new HashMap<>();
        boolean knowsClients = true;
        while (in.nextClient()) {
            ClientStructs held = clients.get(in.client());
            while (in.hasStruct()) {
                Struct struct = in.nextStruct();
                if (held != null && struct.kind != Kind.SKIP) {
                    structs.computeIfAbsent(held, key -> new ClockRanges()).add(struct.clock, struct.end());
                }
                knowsClients &= held != null || struct.kind == Kind.SKIP;
            }
        }
        while (in.nextDeletes()) {
            ClientStructs held = clients.get(in.client());
            if (held != null) {
                deletes.computeIfAbsent(held, key -> new ClockRanges()).addAll(in.deletes());
            }
            knowsClients &= held != null || in.deletes().isEmpty();
        }
        return knowsClients
                && structs.entrySet().stream().allMatch(entry -> contains(entry.getKey(), entry.getValue()))
                && deletes.entrySet().stream().allMatch(entry -> containsDeletes(entry.getKey(), entry.getValue()));
    }

    private static boolean contains(ClientStructs held, ClockRanges structs) {
        structs.normalize();
        ClockRanges missing = new ClockRanges();
        held.addMissing(structs, missing);
        return missing.isEmpty();
    }

    private static boolean containsDeletes(ClientStructs held, ClockRanges deletes) {
        deletes.normalize();
        ClockRanges deleted = new ClockRanges();
        held.addDeleted(deletes, deleted);
        held.addParkedDeletes(deleted);
        deleted.normalize();
        return deletes.without(deleted).isEmpty();
    }

    /** Returns the whole document as an update, after letting go of what hangs on deleted types. */
    public byte[] encode() {
        if (mayHaveOrphans) {
            dropOrphans();
        }
        return diff(StateVector.EMPTY);
    }

    private void dropOrphans() {
        mayHaveOrphans = false;
        BlockWriter writer = new BlockWriter();
        Orphans.in(clients).forEach((client, orphans) -> {
            ClientStructs structs = clients.get(client);
            if (structs != null) {
                memoryBytes -= structs.memoryBytes();
                structs.replace(new Deletion(structs, orphans, Kind.GC, writer, new ClockRanges()).run());
                memoryBytes += structs.memoryBytes();
            }
        });
    }

    private byte[] diff(StateVector known) {
        UpdateWriter out = new UpdateWriter();
        ClockRanges deleted = new ClockRanges();
        for (ClientStructs structs : clients.values()) {
            long from = known.clock(structs.client());
            if (from < structs.end()) {
                out.writeStructsFrom(structs, (int) from);
            }
            deleted.clear();
            structs.addAllDeleted(deleted);
            out.writeDeletes(structs.client(), deleted);
        }
        return out.finish();
    }

    /** Returns an update with these structs and deletes, all of which this document has, as it has them now. */
    public byte[] encode(UpdateIds ids) {
        UpdateWriter out = new UpdateWriter();
        ids.clients().forEach((client, ranges) -> {
            ClientStructs structs = clients.get(client);
            if (structs != null && !ranges.structs.isEmpty()) {
                out.writeStructs(structs, ranges.structs, new ClockRanges()); // deletes that came later are not its own
            }
            out.writeDeletes(client, ranges.deletes);
        });
        return out.finish();
    }

    /** Returns about how many bytes of memory this takes. It costs nothing to ask, so an owner can limit it. */
    public long memoryBytes() {
        return memoryBytes + parked.memoryBytes();
    }

    /** Returns whether something is parked. */
    public boolean hasParked() {
        return !parked.isEmpty();
    }
}
