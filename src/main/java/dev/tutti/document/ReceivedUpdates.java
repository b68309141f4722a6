package dev.tutti.document;

import dev.tutti.yjs.UpdateIds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The updates that one run of a document has applied, by author, and their new parts. Confined to that run. */
final class ReceivedUpdates {
    /** Smaller updates are kept until they are acknowledged; of larger ones only the ids. */
    private static final int MAX_SMALL_BYTES = 4 * 1024;

    /** Returns whether an update is acknowledged by its ids. */
    static boolean isLarge(byte[] update) {
        return update.length > MAX_SMALL_BYTES;
    }

    /** The updates of one member. */
    static final class OfMember {
        private final List<byte[]> updates = new ArrayList<>(1);
        private final List<UpdateIds> large = new ArrayList<>(0);
        /** Those of the updates without a new part. */
        private final List<byte[]> known = new ArrayList<>(0);

        /** Returns each update as it was received. */
        List<byte[]> updates() {
            return updates;
        }

        /** Returns the small updates as one; null if there are none. */
        byte @Nullable [] small() {
            List<byte[]> small =
                    updates.stream().filter(update -> !isLarge(update)).toList();
            return small.isEmpty() ? null : AppliedUpdates.merge(small);
        }

        /** Returns the ids of each large update. */
        List<UpdateIds> large() {
            return large;
        }

        /** Returns the updates without a new part as one; null if there are none. */
        byte @Nullable [] known() {
            return known.isEmpty() ? null : AppliedUpdates.merge(known);
        }
    }

    /** The new part of one update. */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    private record Change(@Nullable DocumentMember author, byte[] update) {}

    private final Map<DocumentMember, OfMember> byMember = new LinkedHashMap<>();
    private final List<Change> changes = new ArrayList<>();

    /** The new parts of all members' updates as one; null if there are none, or they are not merged. */
    private byte @Nullable [] merged;

    /**
     * Adds an update as it was received.
     *
     * @param change its new part; empty if there is none
     * @param ids of a large update whose author's protocol acknowledges by them; null for others
     */
    void add(DocumentMember author, byte[] update, Optional<byte[]> change, @Nullable UpdateIds ids) {
        OfMember ofMember = byMember.computeIfAbsent(author, key -> new OfMember());
        ofMember.updates.add(update);
        if (ids != null) {
            ofMember.large.add(ids);
        }
        if (change.isPresent()) {
            changes.add(new Change(author, change.get()));
        } else {
            ofMember.known.add(update);
        }
    }

    /**
     * Sets the merge of all new parts, which the store needs as well, so that it is made once. No {@link #add} follows.
     *
     * @param update null if there is no new part
     */
    void setMerged(byte @Nullable [] update) {
        merged = update;
    }

    /** Adds the new part of an update that no member has sent: a caller without a connection has, or another server has stored it. */
    void addWithoutAuthor(byte[] update) {
        changes.add(new Change(null, update));
        merged = null;
    }

    boolean isFrom(DocumentMember member) {
        return byMember.containsKey(member);
    }

    /** Returns all new parts as one update; null if there are none. */
    byte @Nullable [] changes() {
        if (merged == null) {
            merged = merge(changes);
        }
        return merged;
    }

    /** Returns the new parts of which a member is not the author as one update; null if there are none. */
    byte @Nullable [] changesOfOthers(DocumentMember member) {
        return merge(changes.stream().filter(change -> change.author != member).toList());
    }

    void forEach(BiConsumer<DocumentMember, OfMember> action) {
        byMember.forEach(action);
    }

    private static byte @Nullable [] merge(List<Change> changes) {
        return changes.isEmpty()
                ? null
                : AppliedUpdates.merge(changes.stream().map(Change::update).toList());
    }
}
