package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Writer;

/**
 * Writes an update: structs and deletes, by client, the higher ids first as Yjs has it. Confined to its user.
 *
 * <p>Each list begins with its count, which is known only at its end, so the update is put together at last.
 */
final class UpdateWriter {
    private final Lib0Writer sections = new Lib0Writer();
    private int clients;
    private final StructWriter structs = StructWriter.forUpdate();
    private final Lib0Writer deletes = new Lib0Writer();
    private int deletingClients;

    /**
     * Writes a client's structs of some clocks, and a {@link Kind#SKIP} between them.
     *
     * @param deleted receives the clocks of deleted structs
     */
    void writeStructs(ClientStructs of, ClockRanges clocks, ClockRanges deleted) {
        structs.clear();
        StructCursor cursor = of.read();
        for (int i = 0; i < clocks.size(); i++) {
            if (i > 0) {
                structs.add(Struct.skip(clocks.to(i - 1), clocks.from(i)));
            }
            addAll(cursor.seek(clocks.from(i), clocks.to(i)), deleted);
        }
        writeStructs(of.client());
    }

    /** Writes a client's structs from a clock on. */
    void writeStructsFrom(ClientStructs of, int clock) {
        structs.clear();
        addAll(of.read().seek(clock, of.end()), new ClockRanges());
        writeStructs(of.client());
    }

    private void addAll(StructCursor cursor, ClockRanges deleted) {
        for (Struct struct = cursor.next(); struct != null; struct = cursor.next()) {
            if (struct.kind.isDeleted()) {
                deleted.add(struct.clock, struct.end());
            }
            if (struct.kind != Kind.SKIP || !structs.isEmpty()) { // no list of structs begins with a gap
                structs.add(struct);
            }
        }
    }

    private void writeStructs(long client) {
        structs.finish();
        if (structs.count() > 0) {
            clients++;
            sections.writeVarUint(structs.count());
            sections.writeVarUint(client);
            sections.writeVarUint(structs.firstClock());
            structs.writeTo(sections);
        }
    }

    /** Writes deletes, which are in order. */
    void writeDeletes(long client, ClockRanges ranges) {
        if (ranges.isEmpty()) {
            return;
        }
        deletingClients++;
        deletes.writeVarUint(client);
        deletes.writeVarUint(ranges.size());
        for (int i = 0; i < ranges.size(); i++) {
            deletes.writeVarUint(ranges.from(i));
            deletes.writeVarUint(ranges.to(i) - ranges.from(i));
        }
    }

    /** Returns the update. Allocates the update itself and nothing else of its size. */
    byte[] finish() {
        structs.clear();
        Lib0Writer update = new Lib0Writer(Lib0Writer.varUintBytes(clients)
                + sections.size()
                + Lib0Writer.varUintBytes(deletingClients)
                + deletes.size());
        update.writeVarUint(clients);
        update.write(sections);
        update.writeVarUint(deletingClients);
        update.write(deletes);
        return update.take();
    }
}
