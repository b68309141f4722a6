package dev.tutti.yjs;

import java.util.Comparator;
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
    private long bytes;
    private long parkedBytes;
    private int parkedEntries;
    /** A shared type was deleted since {@link #dropOrphans} was called. */
    private boolean mayHaveOrphans;

    /** Makes an empty document. */
    public YDocument(DocumentLimits limits) {
        this.limits = limits;
    }

    /**
     * Takes an update in. If it is refused, the document is what it was before.
     *
     * @return what was new in it, as an update for all who had what this document had; empty if nothing was
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
        Changes changes = new Changes();
        while (in.nextClient()) {
            ClientStructs structs = open(in.client());
            Changes.Change change = changes.of(structs);
            Insertion insertion = new Insertion(structs, writer, change.inserted);
            while (in.hasStruct()) {
                insertion.add(in.nextStruct());
            }
            insertion.finish();
            mayHaveOrphans |= structs.delete(NOTHING, writer, change.deleted);
            close(structs);
        }
        while (in.nextDeletes()) {
            ClientStructs structs = open(in.client());
            mayHaveOrphans |= structs.delete(in.deletes(), writer, changes.of(structs).deleted);
            close(structs);
        }
        for (ClientStructs structs : changes.touched()) {
            if (structs.isEmpty()) {
                clients.remove(structs.client());
            }
        }
        return changes;
    }

    /** Returns what is held of a client; between this and {@link #close} the sums leave it out. */
    private ClientStructs open(long client) {
        ClientStructs structs = clients.computeIfAbsent(client, ClientStructs::new);
        bytes -= structs.bytes();
        parkedBytes -= structs.parkedBytes();
        parkedEntries -= structs.parkedEntries();
        return structs;
    }

    private void close(ClientStructs structs) {
        bytes += structs.bytes();
        parkedBytes += structs.parkedBytes();
        parkedEntries += structs.parkedEntries();
    }

    /** Returns how far this document knows each client, encoded. */
    public byte[] stateVector() {
        Lib0Writer entries = new Lib0Writer();
        int count = 0;
        for (ClientStructs structs : clients.values()) {
            if (structs.known() > 0) {
                count++;
                entries.writeVarUint(structs.client());
                entries.writeVarUint(structs.known());
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
        return diff(StateVector.decode(stateVector));
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
        new Orphans(clients).find().forEach((client, orphans) -> {
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

    /** Returns the bytes that the document's structs take in memory, about as many as {@link #encode} has. */
    public long bytes() {
        return bytes;
    }

    /** Returns whether something is parked. */
    public boolean hasParked() {
        return parkedEntries > 0;
    }
}
