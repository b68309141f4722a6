package dev.tutti.yjs;

import java.util.ArrayList;
import java.util.List;

/** The deletion of structs of one client: reads and writes each affected block once. Confined to its user. */
final class Deletion {
    private final ClientStructs structs;
    private final ClockRanges ranges;
    private final Kind to;
    private final BlockWriter writer;
    private final ClockRanges changed;
    private final List<Splice> splices = new ArrayList<>(1);
    private boolean foundType;

    /** The first block that the writer has taken, and the one after the last; −1 if it has none. */
    private int from = -1;

    private int end;

    /**
     * Prepares the deletion.
     *
     * @param ranges the clocks to delete, in order
     * @param to the new kind: {@link Kind#DELETED}, which leaves deleted structs as they are; {@link Kind#GC}; or {@link Kind#SKIP}, which removes
     *     the structs
     * @param changed receives the clocks of changed structs
     */
    Deletion(ClientStructs structs, ClockRanges ranges, Kind to, BlockWriter writer, ClockRanges changed) {
        this.structs = structs;
        this.ranges = ranges;
        this.to = to;
        this.writer = writer;
        this.changed = changed;
    }

    /** Returns the splices that delete the ranges. */
    List<Splice> run() {
        for (int i = 0; i < structs.blocks(); i++) {
            int next = ranges.firstEndingAfter(structs.block(i).clock);
            if (next == ranges.size() || ranges.from(next) >= structs.end()) {
                break;
            }
            if (ranges.from(next) >= structs.block(i).end) {
                i = structs.find(ranges.from(next));
            }
            Block block = structs.block(i);
            if ((to != Kind.DELETED || block.hasContent) && changes(block.read(structs.client()))) {
                rewrite(i);
            }
        }
        flush();
        return splices;
    }

    /** Rewrites a block; continues the one before if that is rewritten, too, or small. */
    private void rewrite(int index) {
        if (from < 0 || end < index) {
            flush();
            from = index;
            if (index > 0 && structs.block(index - 1).size() < Block.TARGET_BYTES / 2) {
                from--;
                writer.resume(structs.block(from), structs.client());
            }
        }
        end = index + 1;
        StructReader reader = structs.block(index).read(structs.client());
        while (reader.hasNext()) {
            Struct struct = reader.readStored();
            if (changes(struct)) {
                rewrite(struct);
            } else {
                writer.add(struct);
            }
        }
    }

    private void flush() {
        if (from >= 0) {
            splices.add(new Splice(from, end, writer.finishEvenly(structs.client())));
            from = -1;
        }
    }

    /** Returns whether any of these structs would change. */
    private boolean changes(StructReader reader) {
        while (reader.hasNext()) {
            Struct struct = reader.readStored();
            if (changes(struct)) {
                int next = ranges.firstEndingAfter(struct.clock);
                if (next < ranges.size() && ranges.from(next) < struct.end()) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean changes(Struct struct) {
        return switch (to) {
            case GC -> struct.kind.isItem();
            case SKIP -> struct.kind != Kind.SKIP;
            default -> !struct.kind.isHollow();
        };
    }

    private void rewrite(Struct struct) {
        for (int i = ranges.firstEndingAfter(struct.clock); i < ranges.size() && ranges.from(i) < struct.end(); i++) {
            if (ranges.from(i) > struct.clock) {
                writer.add(struct.first(ranges.from(i) - struct.clock));
                struct.dropUntil(ranges.from(i));
            }
            if (ranges.to(i) >= struct.end()) {
                writeDeleted(struct);
                return;
            }
            writeDeleted(struct.first(ranges.to(i) - struct.clock));
            struct.dropUntil(ranges.to(i));
        }
        writer.add(struct);
    }

    private void writeDeleted(Struct struct) {
        foundType |= struct.kind == Kind.TYPE;
        changed.add(struct.clock, struct.end());
        struct.delete(to);
        writer.add(struct);
    }

    /** Returns whether a shared type was deleted. */
    boolean foundType() {
        return foundType;
    }
}
