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
import org.jspecify.annotations.Nullable;

/**
 * A Yjs document on the server: all structs and deletes of its clients, without deleted content, from which it encodes states and differences.
 * Not thread-safe: confined to one owner at a time.
 *
 * <p>Updates may be applied in any order and any number of times, with the same result. A struct that arrives before an earlier one of
 * its client, and a delete that arrives before its struct, are <i>parked</i>: the document has and encodes them, but its state vector does
 * not cover them. Limits bound the parked part.
 *
 * <p>Deleted content is dropped, as Yjs does by default, so this does not support documents with {@code gc: false}, which show their history.
 *
 * <p>All encodings have version 1. The time of an update depends on its size and not on the size of the document.
 */
public final class YDocument {
    private final NavigableMap<Long, ClientStructs> clients = new TreeMap<>(Comparator.reverseOrder());
    private final Parked parked;
    private final UpdateApplier applier;
    private long memoryBytes;
    /** A shared type was deleted since the last {@link #dropOrphans}. */
    private boolean mayHaveOrphans;

    /** Makes an empty document. */
    public YDocument(DocumentLimits limits) {
        this.parked = new Parked(limits);
        this.applier = new UpdateApplier(clients, parked);
    }

    /**
     * Returns the document that {@link #encode} has encoded. Its parked part is parked again, without limits, so every encoded document can
     * be decoded.
     *
     * @param state also the {@link Updates#merge merge} of all results of {@link #apply}
     * @throws MalformedUpdateException if the bytes are malformed
     */
    public static YDocument decode(byte[] state, DocumentLimits limits) throws MalformedUpdateException {
        return decode(List.of(state), limits);
    }

    /** As above, of a document that is stored as several updates, in any order. */
    public static YDocument decode(List<byte[]> updates, DocumentLimits limits) throws MalformedUpdateException {
        return decode(updates, limits, 0);
    }

    /** As above; the parked part waits since {@code nowMillis}. */
    public static YDocument decode(List<byte[]> updates, DocumentLimits limits, long nowMillis)
            throws MalformedUpdateException {
        YDocument document = new YDocument(limits);
        try {
            for (byte[] update : updates) {
                Changes changes = new Changes(Long.MAX_VALUE);
                document.applier.read(update, changes, null);
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
     * Applies an update without a limit of its growth. A refused update changes nothing.
     *
     * @return as {@link #apply(byte[], Allowance)}
     */
    public Optional<byte[]> apply(byte[] update) throws MalformedUpdateException, LimitExceededException {
        return apply(update, Allowance.ALL);
    }

    /** As below, without the ids. */
    public Optional<byte[]> apply(byte[] update, Allowance allowance)
            throws MalformedUpdateException, LimitExceededException {
        return apply(update, allowance, null);
    }

    /**
     * Applies an update. A refused update changes nothing.
     *
     * @param ids to which the ids of the whole update are added; null if nobody needs them
     * @return the new part of the update, parked or not, as an update for all peers with the same state as this document before; empty if nothing is new
     * @throws MalformedUpdateException if the bytes are malformed, or a Yjs client could not read the update
     * @throws LimitExceededException if the document would grow too much, or too much of one contributor would be parked
     */
    public Optional<byte[]> apply(byte[] update, Allowance allowance, @Nullable UpdateIds ids)
            throws MalformedUpdateException, LimitExceededException {
        long max = Math.max(0, Math.max(allowance.insertingBytes(), allowance.deletingBytes()));
        long maxMeanwhile = max > Long.MAX_VALUE / 2 ? max : max + 2L * update.length;
        applier.expectRoomForClients(update, maxMeanwhile);
        Changes changes = new Changes(maxMeanwhile);
        boolean isApplied = false;
        try {
            applier.read(update, changes, ids);
            applier.expectAllowed(changes, allowance);
            isApplied = true;
        } finally {
            if (!isApplied) {
                applier.undo(changes);
            }
        }
        applier.park(changes, allowance);
        close(changes);
        if (ids != null) {
            ids.finish();
        }
        parked.takeExcess().forEach(this::drop);
        return changes.isEmpty() ? Optional.empty() : Optional.of(changes.encode());
    }

    private void close(Changes changes) {
        mayHaveOrphans |= changes.foundType;
        for (Changes.Change change : changes.list()) {
            memoryBytes += change.growth();
            applier.close(change.structs);
        }
    }

    /**
     * Drops structs and deletes that have been parked since before {@code millis}. An honest client sends them again together with the missing
     * ones, because the state vector does not cover them.
     *
     * @return whether there were any, so that a stored document has more than this
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
            applier.close(structs);
        }
    }

    /** Returns whether the document has a struct of a client. */
    public boolean hasStructsOf(long client) {
        ClientStructs structs = clients.get(client);
        return structs != null && structs.known() > 0;
    }

    /** Returns the state vector, encoded. */
    public byte[] stateVector() {
        return stateVector(Map.of());
    }

    /**
     * Returns the encoded state vector that this document would have without some updates.
     *
     * @param updates results of {@link #apply}
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
            throw new IllegalArgumentException("not an update of this document", e);
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
     * Returns an update with everything beyond a peer's state vector. It has all deletes, because a state vector does not cover them.
     *
     * @throws MalformedUpdateException if the bytes are malformed
     */
    public byte[] diff(byte[] stateVector) throws MalformedUpdateException {
        return diff(StateVector.decode(stateVector, clients.keySet()));
    }

    /**
     * Returns whether an update has no new part.
     *
     * @throws MalformedUpdateException if the bytes are malformed
     */
    public boolean contains(byte[] update) throws MalformedUpdateException {
        return Containment.contains(clients, update);
    }

    /** Returns the whole document as an update, after {@link Orphans orphans} are dropped. */
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

    /** Returns an update with structs and deletes of this document, as it has them now. */
    public byte[] encode(UpdateIds ids) {
        UpdateWriter out = new UpdateWriter();
        ids.clients().forEach((client, ranges) -> {
            ClientStructs structs = clients.get(client);
            if (structs != null && !ranges.structs.isEmpty()) {
                out.writeStructs(structs, ranges.structs, new ClockRanges()); // later deletes are not part of it
            }
            out.writeDeletes(client, ranges.deletes);
        });
        return out.finish();
    }

    /** Returns about the bytes of memory that this takes; constant time, so an owner can limit it. */
    public long memoryBytes() {
        return memoryBytes + parked.memoryBytes();
    }

    /** Returns whether structs or deletes are parked. */
    public boolean hasParked() {
        return !parked.isEmpty();
    }
}
