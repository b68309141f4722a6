package dev.tutti.yjs;

/**
 * Structs of one client on their way into a document, in the order of their clocks: what is there already stays, gaps are filled,
 * the rest goes to the end. Confined to its user.
 */
final class Insertion {
    private final ClientStructs target;
    private final BlockWriter writer;
    private final ClockRanges inserted;

    /** The clock after the last struct, those included that {@link #writer} still has. */
    private int end;

    private boolean appends;
    private boolean leavesGap;

    /** Makes one into {@code target}; adds the clocks that were missing to {@code inserted}. */
    Insertion(ClientStructs target, BlockWriter writer, ClockRanges inserted) {
        this.target = target;
        this.writer = writer;
        this.inserted = inserted;
        this.end = target.end();
    }

    /** Takes a struct, which is cut meanwhile. */
    void add(Struct struct) {
        if (struct.kind == Kind.SKIP || struct.end() <= target.known()) {
            return;
        }
        if (struct.clock < end && (leavesGap || target.known() < target.end())) {
            finish();
            target.fillGaps(struct, writer, inserted);
        }
        if (struct.end() > end) {
            struct.dropUntil(end);
            append(struct);
        }
    }

    private void append(Struct struct) {
        if (!appends) {
            target.resume(writer);
            appends = true;
        }
        if (struct.clock > end) {
            writer.add(Struct.skip(end, struct.clock));
            leavesGap = true;
        }
        inserted.add(struct.clock, struct.end());
        end = struct.end();
        writer.add(struct);
    }

    /** Leaves all that came in the document. */
    void finish() {
        if (appends) {
            target.append(writer, leavesGap);
            appends = false;
            leavesGap = false;
        }
    }
}
