package dev.tutti.document;

import dev.tutti.yjs.UpdateIds;
import dev.tutti.yjs.Updates;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Which updates came from whom in one run of a document, and what was new in them. Confined to that run. */
final class ReceivedUpdates {
    /** Updates up to here are kept until they are confirmed; of larger ones only the ids are. */
    static final int MAX_SMALL_BYTES = 4 * 1024;

    /** What one member contributed. */
    static final class Contribution {
        private final List<byte[]> updates = new ArrayList<>(1);
        /** Those of the updates in which nothing was new. */
        private final List<byte[]> known = new ArrayList<>(0);

        /** Returns each update as it came. */
        List<byte[]> updates() {
            return updates;
        }

        /** Returns in one update those that are small; null if there are none. */
        byte @Nullable [] small() {
            List<byte[]> small = updates.stream()
                    .filter(update -> update.length <= MAX_SMALL_BYTES)
                    .toList();
            return small.isEmpty() ? null : merge(small);
        }

        /** Returns what those have that are not small, without their content. */
        List<UpdateIds> large() {
            return updates.stream()
                    .filter(update -> update.length > MAX_SMALL_BYTES)
                    .map(ReceivedUpdates::ids)
                    .toList();
        }

        /** Returns in one update those in which nothing was new; null if there are none. */
        byte @Nullable [] known() {
            return known.isEmpty() ? null : merge(known);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // not compared
    private record News(@Nullable DocumentMember from, byte[] update) {}

    private final Map<DocumentMember, Contribution> received = new LinkedHashMap<>();
    private final List<News> news = new ArrayList<>();

    /**
     * Adds an update as it came, and what was new in it.
     *
     * @param changes empty if nothing was
     */
    void add(DocumentMember from, byte[] update, Optional<byte[]> changes) {
        Contribution contribution = received.computeIfAbsent(from, key -> new Contribution());
        contribution.updates.add(update);
        if (changes.isPresent()) {
            news.add(new News(from, changes.get()));
        } else {
            contribution.known.add(update);
        }
    }

    /** Adds what was new and came from the store. */
    void addFound(byte[] update) {
        news.add(new News(null, update));
    }

    boolean isFrom(DocumentMember member) {
        return received.containsKey(member);
    }

    /** Returns all that was new, in one update; null if nothing was. */
    byte @Nullable [] news() {
        return merged(news);
    }

    /** Returns all that was new and came from others, in one update; null if nothing did. */
    byte @Nullable [] newsOfOthers(DocumentMember member) {
        return merged(news.stream().filter(one -> one.from != member).toList());
    }

    void forEach(BiConsumer<DocumentMember, Contribution> action) {
        received.forEach(action);
    }

    private static byte @Nullable [] merged(List<News> news) {
        return news.isEmpty() ? null : merge(news.stream().map(News::update).toList());
    }

    private static UpdateIds ids(byte[] update) {
        try {
            return UpdateIds.of(update);
        } catch (MalformedUpdateException e) {
            throw new AssertionError("an update that was applied", e);
        }
    }

    /** Returns in one update several that a document has taken, at least one. */
    static byte[] merge(List<byte[]> updates) {
        try {
            return updates.size() == 1 ? updates.get(0) : Updates.merge(updates);
        } catch (MalformedUpdateException e) {
            throw new AssertionError("updates that were applied", e);
        }
    }
}
