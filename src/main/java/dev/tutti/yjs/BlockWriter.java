package dev.tutti.yjs;

import java.util.ArrayList;
import java.util.List;

/** Cuts structs of one client, as they come, into {@link Block blocks}. Confined to its user. */
final class BlockWriter {
    private final StructWriter structs = StructWriter.forStore(Block.TARGET_BYTES);
    private final List<Block> blocks = new ArrayList<>(2);
    private int end;
    private boolean hasGap;

    /** Goes on where a block ends; it is among those that {@link #finish} returns. */
    void resume(Block block, long client) {
        block.resume(structs);
        structs.add(block.readLast(client).readStored());
        end = block.end;
        hasGap = block.hasGap;
    }

    /** Adds a struct, which is cut meanwhile. What its parent and content lie in must not change before {@link #finish}. */
    void add(Struct struct) {
        while (struct.kind.isSequence() && struct.contentBytes() > Block.TARGET_BYTES) {
            int units = struct.unitsWithin(Block.TARGET_BYTES);
            if (units == struct.length) {
                break;
            }
            addPiece(struct.first(units));
            struct.dropFirst(units);
        }
        addPiece(struct);
    }

    private void addPiece(Struct struct) {
        if (!structs.merges(struct)) {
            structs.finish();
            if (structs.count() > 0 && structs.size() + struct.contentBytes() > Block.TARGET_BYTES) {
                cut();
            }
        }
        structs.add(struct);
        end = struct.end();
        hasGap |= struct.kind == Kind.SKIP;
    }

    private void cut() {
        structs.finish();
        blocks.add(new Block(structs, end, hasGap));
        structs.clear();
        hasGap = false;
    }

    /** Returns the blocks; this can be used anew afterwards. */
    List<Block> finish() {
        structs.finish();
        if (structs.count() > 0) {
            cut();
        }
        List<Block> finished = List.copyOf(blocks);
        blocks.clear();
        return finished;
    }
}
