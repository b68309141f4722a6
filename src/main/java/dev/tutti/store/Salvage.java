package dev.tutti.store;

import dev.tutti.store.Entry.Head;
import dev.tutti.store.Entry.Kind;
import dev.tutti.store.EntryFormat.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds entries in a damaged file by their marks, wherever they are, so that it does not matter what of the rest is damaged. Confined to whoever
 * opens the store.
 *
 * <p>Since MVStore does not write over what it replaces at once, a file has old entries, too. The newest state or deletion of a document says
 * which updates count; each of these names the one before it, so that one that is missing is noticed.
 */
final class Salvage implements AutoCloseable {
    private static final int BLOCK_BYTES = 1 << 20;

    /** An entry that was found; where its content is, -1 if that is damaged. */
    private record Piece(Head head, long contentPosition) {
        boolean isSound() {
            return contentPosition >= 0;
        }
    }

    private final FileChannel file;
    private final EntryFormat format;
    /** Entries up to this sequence do not count. */
    private final long horizon;

    private final Map<Long, Piece> pieces = new HashMap<>();
    private final NavigableMap<String, List<Piece>> documents = new TreeMap<>();
    private final List<String> incomplete = new ArrayList<>();
    private long lastSequence;

    /**
     * Looks through a file.
     *
     * @param horizon that of the volume; entries up to it do not count
     */
    Salvage(Path path, long mark, long horizon) throws IOException {
        this.horizon = horizon;
        file = FileChannel.open(path, StandardOpenOption.READ);
        format = new EntryFormat(mark);
        find();
        for (Piece piece : pieces.values()) {
            documents
                    .computeIfAbsent(piece.head().name(), key -> new ArrayList<>())
                    .add(piece);
            lastSequence = Math.max(lastSequence, piece.head().sequence());
        }
        documents
                .values()
                .forEach(all ->
                        all.sort(Comparator.comparingLong(piece -> piece.head().sequence())));
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
                pieces.keySet().stream().mapToLong(sequence -> sequence).min().orElse(0);
        return lastSequence - first + 1 != pieces.size();
    }

    private void find() throws IOException {
        long front = format.mark(Place.FRONT);
        long back = format.mark(Place.BACK);
        long catalog = format.mark(Place.CATALOG);
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        long last = 0;
        for (long start = 0; start < file.size(); start += block.limit()) {
            read(block.clear(), start);
            byte[] bytes = block.array();
            for (int i = 0; i < block.limit(); i++) {
                last = last << 8 | (bytes[i] & 0xff);
                if (last == front || last == back || last == catalog) {
                    Place place = last == front ? Place.FRONT : last == back ? Place.BACK : Place.CATALOG;
                    found(start + i - 7, place);
                }
            }
            if (block.limit() == 0) {
                return;
            }
        }
    }

    /** Fills a buffer as far as the file goes, and flips it. */
    private void read(ByteBuffer into, long position) throws IOException {
        int read = 0;
        while (into.hasRemaining() && read >= 0) {
            read = file.read(into, position + into.position());
        }
        into.flip();
    }

    private void found(long position, Place place) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(EntryFormat.MAX_HEAD_BYTES);
        read(bytes, position);
        Head head = format.headAt(bytes, 0, place);
        if (head == null || head.sequence() <= horizon) {
            return;
        }
        Piece known = pieces.get(head.sequence());
        if (known != null && known.isSound()) {
            return;
        }
        long content = -1;
        if (place != Place.CATALOG) {
            long begin =
                    place == Place.FRONT ? position + EntryFormat.headBytes(head) : position - head.contentLength();
            content = content(head, begin) == null ? -1 : begin;
        }
        if (head.kind() == Kind.DELETED) {
            content = 0;
        }
        pieces.put(head.sequence(), new Piece(head, content));
    }

    private byte @Nullable [] content(Head head, long position) throws IOException {
        if (position < 0 || head.contentLength() < 0 || position + head.contentLength() > file.size()) {
            return null;
        }
        ByteBuffer content = ByteBuffer.allocate(head.contentLength());
        read(content, position);
        return content.limit() == head.contentLength()
                        && EntryFormat.crc(content.array(), 0, content.limit()) == head.contentCrc()
                ? content.array()
                : null;
    }

    /** Puts all that counts into a new volume. Returns how many documents there are. */
    int into(VolumeBuilder builder) throws IOException {
        List<Piece> updates = new ArrayList<>();
        int count = 0;
        for (Map.Entry<String, List<Piece>> document : documents.entrySet()) {
            List<Piece> counting = new ArrayList<>();
            if (!choose(document.getValue(), counting)) {
                incomplete.add(document.getKey());
            }
            count += counting.isEmpty() ? 0 : 1;
            for (Piece piece : counting) {
                if (piece.head().kind() == Kind.STATE) {
                    add(builder, piece);
                } else {
                    updates.add(piece);
                }
            }
        }
        updates.sort(Comparator.comparingLong(piece -> piece.head().sequence()));
        for (Piece update : updates) {
            add(builder, update);
        }
        return count;
    }

    private void add(VolumeBuilder builder, Piece piece) throws IOException {
        byte[] content = content(piece.head(), piece.contentPosition());
        if (content == null) {
            throw new IOException("what could be read cannot be read any more");
        }
        builder.add(new Entry(piece.head(), content));
    }

    /** Chooses what counts of a document; of an incomplete one all that is sound. Returns whether it is complete. */
    private boolean choose(List<Piece> all, List<Piece> counting) {
        Optional<Piece> base = last(all, piece -> piece.head().kind() != Kind.UPDATE);
        long floor = base.map(piece -> piece.head().sequence()).orElse(0L);
        boolean isComplete = base.map(Piece::isSound).orElse(true);
        Piece update = last(all, piece -> piece.head().sequence() > floor).orElse(null);
        List<Piece> chain = new ArrayList<>();
        while (update != null && update.isSound()) {
            chain.add(update);
            long previous = update.head().previous();
            update = previous <= floor ? null : pieces.get(previous);
            isComplete &= previous <= floor || update != null;
        }
        isComplete &= update == null;
        if (base.isEmpty() && !chain.isEmpty()) {
            isComplete &= chain.get(chain.size() - 1).head().previous() == 0;
        }
        if (isComplete) {
            base.filter(piece -> piece.head().kind() == Kind.STATE).ifPresent(counting::add);
            counting.addAll(chain);
        } else {
            addSound(
                    all,
                    base.filter(piece -> piece.head().kind() == Kind.DELETED).isPresent() ? floor : 0,
                    counting);
        }
        return isComplete;
    }

    private static void addSound(List<Piece> all, long above, List<Piece> counting) {
        Optional<Piece> state = last(
                all,
                piece -> piece.isSound()
                        && piece.head().kind() == Kind.STATE
                        && piece.head().sequence() > above);
        state.ifPresent(counting::add);
        long floor = state.map(piece -> piece.head().sequence()).orElse(above);
        all.stream()
                .filter(piece -> piece.isSound() && piece.head().kind() == Kind.UPDATE)
                .filter(piece -> piece.head().sequence() > floor)
                .forEach(counting::add);
    }

    private static Optional<Piece> last(List<Piece> all, Predicate<Piece> which) {
        return all.stream().filter(which).reduce((one, other) -> other);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
