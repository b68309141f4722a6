package dev.tutti.store.file;

import dev.tutti.store.file.Entry.Kind;
import dev.tutti.store.file.EntryScan.Found;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Selects the current entries among those that an {@link EntryScan} of a damaged file has found. Confined to the thread that opens the store.
 *
 * <p>MVStore does not write over replaced pages at once, so a file also contains old entries. The newest state or tombstone of a document makes
 * all entries before it obsolete. Each update leads to the one before it, so the salvage notices a missing update.
 */
final class Salvage implements AutoCloseable {
    private final EntryScan scan;
    private final Map<Long, Found> entries;
    private final NavigableMap<String, List<Found>> documents = new TreeMap<>();
    private final List<String> incomplete = new ArrayList<>();
    private long lastSequence;

    /**
     * Scans a file.
     *
     * @param horizon the volume's horizon; the salvage ignores entries up to it
     */
    Salvage(Path path, long mark, long horizon) throws IOException {
        scan = new EntryScan(path, mark, horizon);
        entries = scan.entries();
        for (Found found : entries.values()) {
            documents
                    .computeIfAbsent(found.header().name(), key -> new ArrayList<>())
                    .add(found);
            lastSequence = Math.max(lastSequence, found.header().sequence());
        }
        documents
                .values()
                .forEach(all -> all.sort(
                        Comparator.comparingLong(found -> found.header().sequence())));
    }

    /** Returns the greatest sequence of the found entries. */
    long lastSequence() {
        return lastSequence;
    }

    /** Returns the names of documents that lost entries; complete after {@link #into}. */
    List<String> incomplete() {
        return incomplete;
    }

    /** Returns whether any sequence after another, up to the last, has no entry; its entry may have been obsolete or never written. */
    boolean hasGapsAfter(long sequence) {
        long later = entries.keySet().stream().filter(found -> found > sequence).count();
        return later < lastSequence - sequence;
    }

    /** Writes all current entries into a new volume. Returns the number of documents. */
    int into(VolumeBuilder builder) throws IOException {
        List<Found> updates = new ArrayList<>();
        int count = 0;
        for (Map.Entry<String, List<Found>> document : documents.entrySet()) {
            List<Found> chosen = new ArrayList<>();
            if (!choose(document.getValue(), chosen)) {
                incomplete.add(document.getKey());
            }
            count += chosen.isEmpty() ? 0 : 1;
            for (Found found : chosen) {
                if (found.header().kind() == Kind.STATE) {
                    add(builder, found);
                } else {
                    updates.add(found);
                }
            }
        }
        updates.sort(Comparator.comparingLong(found -> found.header().sequence()));
        for (Found update : updates) {
            add(builder, update);
        }
        return count;
    }

    private void add(VolumeBuilder builder, Found found) throws IOException {
        byte[] content = scan.content(found);
        if (content == null) {
            throw new IOException("an entry of the damaged file was sound and cannot be read any more");
        }
        builder.add(new Entry(found.header(), content));
    }

    /** Adds the current entries of a document, or all sound ones if some are missing. Returns whether it is complete. */
    private boolean choose(List<Found> all, List<Found> chosen) {
        Optional<Found> base = last(all, found -> found.header().kind() != Kind.UPDATE);
        long floor = base.map(found -> found.header().sequence()).orElse(0L);
        boolean isComplete = base.map(Found::isSound).orElse(true);
        Found update = last(all, found -> found.header().sequence() > floor).orElse(null);
        List<Found> chain = new ArrayList<>();
        while (update != null && update.isSound()) {
            chain.add(update);
            long previous = update.header().previous();
            update = previous <= floor ? null : entries.get(previous);
            isComplete &= previous <= floor || update != null;
        }
        isComplete &= update == null;
        if (base.isEmpty() && !chain.isEmpty()) {
            isComplete &= chain.get(chain.size() - 1).header().previous() == 0;
        }
        if (isComplete) {
            base.filter(found -> found.header().kind() == Kind.STATE).ifPresent(chosen::add);
            chosen.addAll(chain);
        } else {
            boolean isDeleted = base.isPresent() && base.get().header().kind() == Kind.TOMBSTONE;
            addSound(all, isDeleted ? floor : 0, chosen);
        }
        return isComplete;
    }

    private static void addSound(List<Found> all, long above, List<Found> chosen) {
        Optional<Found> state = last(
                all,
                found -> found.isSound()
                        && found.header().kind() == Kind.STATE
                        && found.header().sequence() > above);
        state.ifPresent(chosen::add);
        long floor = state.map(found -> found.header().sequence()).orElse(above);
        all.stream()
                .filter(found -> found.isSound() && found.header().kind() == Kind.UPDATE)
                .filter(found -> found.header().sequence() > floor)
                .forEach(chosen::add);
    }

    private static Optional<Found> last(List<Found> all, Predicate<Found> condition) {
        return all.stream().filter(condition).reduce((one, other) -> other);
    }

    @Override
    public void close() throws IOException {
        scan.close();
    }
}
