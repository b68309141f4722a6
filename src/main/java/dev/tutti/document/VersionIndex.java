package dev.tutti.document;

import dev.tutti.document.Version.Writers;
import dev.tutti.log.LogSubject;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The versions of a document, without their states. Each row of the index in the store has some of them; servers that write the same one at
 * the same time add to each other. Immutable.
 *
 * @param rows ids of the rows in the store
 * @param versions in the order of their ids
 */
record VersionIndex(Set<Long> rows, List<Version> versions) {
    private static final Logger LOG = System.getLogger(VersionIndex.class.getName());
    private static final int FORMAT = 1;
    private static final int AUTOMATIC = 1;
    private static final int GUESTS = 2;

    /** Reads all rows but damaged ones. */
    static VersionIndex read(String document, List<StoredUpdate> rows) {
        TreeMap<String, Version> versions = new TreeMap<>();
        for (StoredUpdate row : rows) {
            try {
                decode(row.update()).forEach(version -> versions.merge(version.id(), version, Version::joinedWith));
            } catch (MalformedUpdateException e) {
                LogSubject.document(document)
                        .log(LOG, Level.ERROR, "a part of the document's list of versions cannot be read", e);
            }
        }
        return new VersionIndex(
                rows.stream().map(StoredUpdate::id).collect(Collectors.toSet()), List.copyOf(versions.values()));
    }

    static byte[] encode(List<Version> versions) {
        Lib0Writer out = new Lib0Writer();
        out.writeByte(FORMAT);
        out.writeVarUint(versions.size());
        for (Version version : versions) {
            Writers writers = version.writers();
            out.writeVarUint(version.madeMillis());
            out.writeByte((version.isAutomatic() ? AUTOMATIC : 0) | (writers.hasGuests() ? GUESTS : 0));
            out.writeVarString(version.title());
            out.writeVarUint(version.bytes());
            out.writeVarUint(writers.users().size());
            writers.users().forEach(out::writeVarString);
        }
        return out.take();
    }

    private static List<Version> decode(byte[] row) throws MalformedUpdateException {
        Lib0Reader in = new Lib0Reader(row);
        int format = in.readByte();
        if (format != FORMAT) {
            throw new MalformedUpdateException("a list of versions in format " + format);
        }
        List<Version> versions = new ArrayList<>();
        for (int left = in.readCount(5); left > 0; left--) {
            long millis = in.readVarUint();
            int flags = in.readByte();
            String title = in.readVarString();
            long bytes = in.readVarUint();
            List<String> users = new ArrayList<>();
            for (int more = in.readCount(1); more > 0; more--) {
                users.add(in.readVarString());
            }
            Writers writers = new Writers(users, (flags & GUESTS) != 0);
            versions.add(new Version(millis, (flags & AUTOMATIC) != 0, title, writers, bytes));
        }
        in.expectEnd();
        return versions;
    }

    boolean has(String id) {
        return versions.stream().anyMatch(version -> version.id().equals(id));
    }

    List<Version> without(Collection<String> ids) {
        return versions.stream().filter(version -> !ids.contains(version.id())).toList();
    }
}
