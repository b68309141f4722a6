package dev.tutti.yjs;

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
    private static final ClockRanges NOTHING = new ClockRanges();

    private final DocumentLimits limits;
    private final NavigableMap<Long, ClientStructs> clients = new TreeMap<>(Comparator.reverseOrder());
    private long memoryBytes;
    private long parkedBytes;
    private int parkedEntries;
    /** A shared type was deleted since {@link #dropOrphans} was called. */
    private boolean mayHaveOrphans;

    /** Makes an empty document. */
    public YDocument(DocumentLimits limits) {
        this.limits = limits;
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
        YDocument document = new YDocument(limits);
        for (byte[] update : updates) {
            document.take(update);
        }
        return document;
    }

    /**
     * Takes an update in. If it is refused, the document is what it was before.
     *
     * @return what was new in it, parked or not, as an update for all who had what this document had; empty if nothing was
     * @throws MalformedUpdateException if the bytes are no update, or one that a Yjs client could not read
     * @throws LimitExceededException if too much would be parked
     */
    public Optional<byte[]> apply(byte[] update) throws MalformedUpdateException, LimitExceededException {
        Inspection inspection = new Inspection(clients);
        inspection.read(update);
        if (inspection.entries() > 0
                && (inspection.entries() > limits.maxParkedEntries() - parkedEntries
                        || inspection.bytes() > limits.maxParkedBytes() - parkedBytes)) {
            throw new LimitExceededException("too much waits for updates that have not come");
        }
        Changes changes = take(update);
        return changes.isEmpty() ? Optional.empty() : Optional.of(changes.encode());
    }

    /** As {@link #apply}, but a malformed update leaves a part of it behind, and nothing is limited. */
    Changes take(byte[] update) throws MalformedUpdateException {
        UpdateReader in = new UpdateReader(update);
        BlockWriter writer = new BlockWriter();
        Changes changes = new Changes(this::open);
        while (in.nextClient()) {
            Changes.Change change = changes.of(in.client());
            Insertion insertion = new Insertion(change.structs, writer, change.inserted);
            while (in.hasStruct()) {
                insertion.add(in.nextStruct());
            }
            insertion.finish();
            mayHaveOrphans |= change.structs.delete(NOTHING, writer, change.deleted);
        }
        while (in.nextDeletes()) {
            Changes.Change change = changes.of(in.client());
            mayHaveOrphans |= change.structs.delete(in.deletes(), writer, change.deleted);
        }
        changes.forEach(change -> close(change.structs));
        return changes;
    }

    /** Returns what is held of a client; until it is {@link #close closed}, the sums leave it out. */
    private ClientStructs open(long client) {
        ClientStructs structs = clients.computeIfAbsent(client, ClientStructs::new);
        memoryBytes -= structs.memoryBytes();
        parkedBytes -= structs.parkedBytes();
        parkedEntries -= structs.parkedEntries();
        return structs;
    }

    private void close(ClientStructs structs) {
        memoryBytes += structs.memoryBytes();
        parkedBytes += structs.parkedBytes();
        parkedEntries += structs.parkedEntries();
        if (structs.isEmpty()) {
            clients.remove(structs.client());
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
        ClockRanges ranges = new ClockRanges();
        while (in.nextClient()) {
            ClientStructs held = clients.get(in.client());
            while (in.hasStruct()) {
                Struct struct = in.nextStruct();
                if (struct.kind != Kind.SKIP) {
                    if (held == null) {
                        return false;
                    }
                    held.addMissing(struct.clock, struct.end(), ranges);
                }
            }
        }
        if (!ranges.isEmpty()) {
            return false;
        }
        while (in.nextDeletes()) {
            ClientStructs held = clients.get(in.client());
            if (!in.deletes().isEmpty() && (held == null || !containsDeletes(held, in.deletes()))) {
                return false;
            }
        }
        return true;
    }

    private static boolean containsDeletes(ClientStructs held, ClockRanges deletes) {
        ClockRanges deleted = new ClockRanges();
        for (int i = 0; i < deletes.size(); i++) {
            if (deletes.from(i) < held.end()) {
                held.addDeleted(deletes.from(i), Math.min(deletes.to(i), held.end()), deleted);
            }
        }
        held.addParkedDeletes(deleted);
        deleted.normalize();
        for (int i = 0; i < deletes.size(); i++) {
            if (!deleted.covers(deletes.from(i), deletes.to(i))) {
                return false;
            }
        }
        return true;
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
            ClientStructs structs = open(client);
            structs.delete(orphans, Kind.GC, writer, new ClockRanges());
            close(structs);
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
            structs.addDeleted(0, structs.end(), deleted);
            structs.addParkedDeletes(deleted);
            deleted.normalize();
            out.writeDeletes(structs.client(), deleted);
        }
        return out.finish();
    }

    /** Returns about how many bytes of memory this takes. It costs nothing to ask, so an owner can limit it. */
    public long memoryBytes() {
        return memoryBytes;
    }

    /** Returns whether something is parked. */
    public boolean hasParked() {
        return parkedEntries > 0;
    }
}
