package dev.tutti.document;

import dev.tutti.log.LogSubject;
import dev.tutti.yjs.DocumentTrace;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One life of a document, from its creation to its deletion. A name that was never deleted has the first incarnation; each deletion begins
 * another, which a note in the store records. Immutable.
 *
 * @param id 0 for the first; else the time of the deletion before it, in milliseconds since 1970, or a little more
 * @param deleted the clients of earlier incarnations; empty after some time: see {@link TrashSweep}
 */
record Incarnation(long id, DocumentTrace deleted) {
    static final Incarnation FIRST = new Incarnation(0, DocumentTrace.EMPTY);

    /** The beginning of the names of notes in the store; no document has a name with a dot first. */
    static final String NOTES = ".incarnation/";

    /** The reason for an editor that has a copy of an earlier incarnation. */
    static final String DELETED = "this document was deleted: the editor has a copy of it";

    private static final Logger LOG = System.getLogger(Incarnation.class.getName());
    private static final int VERSION = 1;

    /** Returns the name of the note about a document. */
    static String noteOf(String document) {
        return NOTES + document;
    }

    /** Loads the present incarnation of a document. Does not block. */
    static CompletionStage<Incarnation> load(DocumentStore store, String document) {
        return store.load(noteOf(document)).thenApply(rows -> read(document, rows));
    }

    /** Returns the incarnation that the rows of a note record: the greatest, if servers have written several. */
    static Incarnation read(String document, List<StoredUpdate> rows) {
        Incarnation found = FIRST;
        for (StoredUpdate row : rows) {
            try {
                Incarnation next = decode(row.update());
                found = next.id >= found.id ? next : found;
            } catch (MalformedUpdateException e) {
                LogSubject.document(document)
                        .log(LOG, Level.ERROR, "the note of the document's deletion cannot be read", e);
            }
        }
        return found;
    }

    private static Incarnation decode(byte[] note) throws MalformedUpdateException {
        Lib0Reader in = new Lib0Reader(note);
        int version = in.readByte();
        if (version != VERSION) {
            throw new MalformedUpdateException("a note of version " + version);
        }
        return new Incarnation(in.readVarUint(), DocumentTrace.read(in));
    }

    /** Returns the content of the note; empty if there is nothing to record. */
    byte[] encode() {
        if (id == 0 && deleted.isEmpty()) {
            return new byte[0];
        }
        Lib0Writer out = new Lib0Writer();
        out.writeByte(VERSION);
        out.writeVarUint(id);
        deleted.write(out);
        return out.take();
    }

    /** Returns the incarnation after a deletion. */
    Incarnation next(DocumentTrace trace, long nowMillis) {
        return new Incarnation(Math.max(nowMillis, id + 1), trace.joinedWith(deleted));
    }

    /** Returns this incarnation without the clients of earlier ones: it recognises no copies of them. */
    Incarnation withoutDeleted() {
        return new Incarnation(id, DocumentTrace.EMPTY);
    }

    /** Returns the incarnation of a restored document: it has the id of an earlier one. */
    Incarnation restored(long earlier) {
        return new Incarnation(earlier, deleted);
    }
}
