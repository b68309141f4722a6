package dev.tutti.yjs;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The insertion of structs of one client, in the order of their clocks: keeps known structs, fills gaps, and appends the rest. Reads and writes
 * each affected block once. Confined to its user.
 */
final class Insertion {
    private final Changes.Change change;
    private final ClientStructs target;
    private final BlockWriter writer;
    private final List<Splice> splices = new ArrayList<>(1);

    /** The clock after the last struct that the document had before. */
    private final int heldEnd;
    /** The clock after the last struct, including those that {@link #writer} still holds. */
    private int end;
    /** The clock up to which no struct is missing, as far as the inserted structs show. */
    private int reached;

    /** Index of the block whose gaps are being filled; −1 if there is none. */
    private int open = -1;

    private @Nullable StructReader reader;
    /** The first struct of the open block that {@link #writer} does not hold. */
    private @Nullable Struct held;

    /** Index of the first block that is continued at the end; −1 if nothing is appended. */
    private int appendsFrom = -1;

    private boolean leavesGap;

    Insertion(Changes.Change change, BlockWriter writer) {
        this.change = change;
        this.target = change.structs;
        this.writer = writer;
        this.heldEnd = target.end();
        this.end = heldEnd;
        this.reached = target.known();
    }

    /** Inserts a struct, which may be cut. */
    void add(Struct struct) {
        if (struct.kind == Kind.SKIP || struct.end() <= target.known()) {
            return;
        }
        if (struct.clock <= reached) {
            reached = Math.max(reached, struct.end());
        }
        if (struct.clock < heldEnd && target.known() < heldEnd) {
            fill(struct);
        }
        if (struct.end() > end) {
            struct.dropUntil(end);
            append(struct);
        }
    }

    /** Fills the gaps that a struct covers, and cuts off its beginning up to the last of them. */
    private void fill(Struct rest) {
        while (rest.clock < heldEnd) {
            if (open < 0 || target.block(open).end <= rest.clock) {
                closeBlock();
                openBlock(rest);
                if (open < 0) {
                    return;
                }
            }
            int blockEnd = target.block(open).end;
            fillBlock(rest);
            if (rest.end() <= blockEnd) {
                return;
            }
            rest.dropUntil(blockEnd);
        }
    }

    /** Opens the first block with a gap that a struct may fill. */
    private void openBlock(Struct struct) {
        int index = target.firstWithGap(Math.max(struct.clock, target.known()), struct.end());
        if (index >= 0) {
            open = index;
            reader = target.block(index).read(target.client());
            nextHeld();
        }
    }

    private void nextHeld() {
        held = reader != null && reader.hasNext() ? reader.readStored() : null;
    }

    private void fillBlock(Struct rest) {
        while (held != null && held.clock < rest.end()) {
            if (held.kind != Kind.SKIP || held.end() <= rest.clock) {
                writer.add(held);
                nextHeld();
                continue;
            }
            int from = Math.max(held.clock, rest.clock);
            int to = Math.min(held.end(), rest.end());
            if (held.clock < from) {
                writer.add(Struct.skip(held.clock, from));
            }
            rest.dropUntil(from);
            boolean isLast = to == rest.end();
            Struct piece = isLast ? rest : rest.first(to - from);
            note(piece);
            writer.add(piece);
            if (to < held.end()) {
                held = Struct.skip(to, held.end());
            } else {
                nextHeld();
            }
            if (isLast) {
                return;
            }
            rest.dropUntil(to);
        }
    }

    private void drain() {
        while (held != null) {
            writer.add(held);
            nextHeld();
        }
    }

    private void closeBlock() {
        if (open >= 0) {
            drain();
            splices.add(new Splice(open, open + 1, writer.finishEvenly(target.client())));
            open = -1;
        }
    }

    private void append(Struct struct) {
        if (appendsFrom < 0) {
            beginAppending();
        }
        if (struct.clock > end) {
            writer.add(Struct.skip(end, struct.clock));
            leavesGap = true;
        }
        note(struct);
        end = struct.end();
        writer.add(struct);
    }

    private void beginAppending() {
        int last = target.blocks() - 1;
        if (open >= 0 && open == last) {
            drain();
            open = -1;
            appendsFrom = last;
            return;
        }
        closeBlock();
        if (last >= 0 && target.block(last).size() < Block.TARGET_BYTES) {
            writer.resume(target.block(last), target.client());
            appendsFrom = last;
        } else {
            appendsFrom = last + 1;
        }
    }

    private void note(Struct piece) {
        change.inserted.add(piece.clock, piece.end());
        if (piece.clock > reached) {
            change.countParked(1, piece.storedBytes());
        }
    }

    /** Puts the written blocks into the document. */
    void finish() throws LimitExceededException {
        if (appendsFrom >= 0) {
            splices.add(new Splice(appendsFrom, target.blocks(), writer.finish()));
        } else {
            closeBlock();
        }
        if (!splices.isEmpty()) {
            boolean isWhole = target.known() == heldEnd && !leavesGap;
            change.replace(splices);
            target.advance(isWhole);
        }
    }
}
