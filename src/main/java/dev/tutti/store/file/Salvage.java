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
 * Chooses which of the entries count that a {@link EntryScan} of a damaged file has found. Confined to whoever opens the store.
 *
 * <p>Since MVStore does not write over what it replaces at once, a file has old entries, too. The newest state or tombstone of a document says
 * which updates count; each of these names the one before it, so that one that is missing is noticed.
 */
final class Salvage implements AutoCloseable {
    private final EntryScan scan;
    private final Map<Long, Found> entries;
    private final NavigableMap<String, List<Found>> documents = new TreeMap<>();
    private final List<String> incomplete = new ArrayList<>();
    private long lastSequence;

    /**
     * Looks through a file.
     *
     * @param horizon that of the volume; entries up to it do not count
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
                .forEach(all ->
                        all.sort(Comparator.comparingLong(found -> found.header().sequence())));
    }

    /** Returns the greatest sequence that was found. */
    long lastSequence() {
        return lastSequence;
    }

    /** Returns the names of documents of which something is missing, after {@link #into}. */
    List<String> incomplete() {
        return incomplete;
    }

    /**
     * Returns whether there have been entries of which no trace was found: mostly those that were obsolete, but they may also have been in the
     * part that is damaged.
     */
    boolean hasGaps() {
        long first =
                entries.keySet().stream().mapToLong(sequence -> sequence).min().orElse(0);
        return lastSequence - first + 1 != entries.size();
    }

    /** Puts all that counts into a new volume. Returns how many documents there are. */
    int into(VolumeBuilder builder) throws IOException {
        List<Found> updates = new ArrayList<>();
        int count = 0;
        for (Map.Entry<String, List<Found>> document : documents.entrySet()) {
            List<Found> counting = new ArrayList<>();
            if (!choose(document.getValue(), counting)) {
                incomplete.add(document.getKey());
            }
            count += counting.isEmpty() ? 0 : 1;
            for (Found found : counting) {
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
            throw new IOException("what could be read cannot be read any more");
        }
        builder.add(new Entry(found.header(), content));
    }

    /** Chooses what counts of a document; of an incomplete one all that is sound. Returns whether it is complete. */
    private boolean choose(List<Found> all, List<Found> counting) {
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
            base.filter(found -> found.header().kind() == Kind.STATE).ifPresent(counting::add);
            counting.addAll(chain);
        } else {
            addSound(
                    all,
                    base.filter(found -> found.header().kind() == Kind.TOMBSTONE).isPresent() ? floor : 0,
                    counting);
        }
        return isComplete;
    }

    private static void addSound(List<Found> all, long above, List<Found> counting) {
        Optional<Found> state = last(
                all,
                found -> found.isSound()
                        && found.header().kind() == Kind.STATE
                        && found.header().sequence() > above);
        state.ifPresent(counting::add);
        long floor = state.map(found -> found.header().sequence()).orElse(above);
        all.stream()
                .filter(found -> found.isSound() && found.header().kind() == Kind.UPDATE)
                .filter(found -> found.header().sequence() > floor)
                .forEach(counting::add);
    }

    private static Optional<Found> last(List<Found> all, Predicate<Found> which) {
        return all.stream().filter(which).reduce((one, other) -> other);
    }

    @Override
    public void close() throws IOException {
        scan.close();
    }
}
