package dev.tutti.yjs;

import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Applies updates to the structs of a document: checks them before and after, parks their early parts, and undoes refused ones. Confined to its
 * document.
 */
final class UpdateApplier {
    /** Yjs writes one section of structs for each client; each further section of a client costs as much as an update. */
    private static final int MAX_REPEATED_SECTIONS = 10_000;

    /** The fewest bytes of an update that add a client. */
    private static final int MIN_CLIENT_BYTES = 4;

    private final Map<Long, ClientStructs> clients;
    private final Parked parked;

    UpdateApplier(Map<Long, ClientStructs> clients, Parked parked) {
        this.clients = clients;
        this.parked = parked;
    }

    /**
     * Refuses an update whose new clients alone need more than {@code maxBytes} of memory, before it has an effect: a client takes up to fifty
     * times the bytes that name it, and about twice that again while the update can be undone.
     */
    void expectRoomForClients(byte[] update, long maxBytes) throws MalformedUpdateException, LimitExceededException {
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
        if (Math.max(needed, neededByDeletes) > maxBytes) { // a client may have both
            throw Changes.tooLarge();
        }
    }

    /**
     * Applies an update to the structs, and records the changes, which {@link #undo} reverts if this fails.
     *
     * @param ids to which the update's ids are added; null if nobody needs them
     */
    void read(byte[] update, Changes changes, @Nullable UpdateIds ids)
            throws MalformedUpdateException, LimitExceededException {
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
                Struct struct = in.nextStruct();
                if (ids != null) { // before the insertion cuts it
                    ids.addStruct(in.client(), struct);
                }
                insertion.add(struct);
            }
            insertion.finish();
        }
        while (in.nextDeletes()) {
            if (ids != null) {
                ids.addDeletes(in.client(), in.deletes());
            }
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

    /** Refuses changes that exceed an allowance. */
    void expectAllowed(Changes changes, Allowance allowance) throws LimitExceededException {
        int entries = 0;
        long bytes = 0;
        for (Changes.Change change : changes.list()) {
            if (change.parks()) {
                entries += change.parkedEntries();
                bytes += change.parkedBytes();
            }
        }
        if (entries > 0) {
            parked.expectRoom(allowance.contributor(), entries, bytes);
        }
        changes.expectGrowth(changes.inserts() ? allowance.insertingBytes() : allowance.deletingBytes());
    }

    /** Releases claims of structs that are not missing any more, and parks the parts of the update that must wait. */
    void park(Changes changes, Allowance allowance) {
        for (Changes.Change change : changes.list()) {
            ClientStructs structs = change.structs;
            if (!parked.isEmpty()) {
                parked.release(structs.client(), structs.known());
            }
            if (change.parks()) {
                ClockRanges structsToPark =
                        ClockRanges.of(structs.known(), structs.end()).and(change.inserted);
                parked.add(new Parked.Claim(
                        allowance.contributor(),
                        structs.client(),
                        structsToPark,
                        change.parkedDeletes,
                        change.parkedEntries(),
                        change.parkedBytes(),
                        allowance.nowMillis()));
            }
        }
    }

    /** Restores the document as it was before the changes. */
    void undo(Changes changes) {
        for (Changes.Change change : changes.list()) {
            change.undo();
            close(change.structs);
        }
    }

    /** Ends the changes of a client, and removes the client if it has nothing left. */
    void close(ClientStructs structs) {
        structs.change = null;
        if (structs.isEmpty()) {
            clients.remove(structs.client());
        }
    }
}
