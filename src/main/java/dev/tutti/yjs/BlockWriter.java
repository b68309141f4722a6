package dev.tutti.yjs;

import java.util.ArrayList;
import java.util.List;

/** Writes structs of one client into {@link Block blocks}. Confined to its user. */
final class BlockWriter {
    private static final int MIN_BYTES = Block.TARGET_BYTES / 4;

    private final StructWriter structs = StructWriter.forStore(Block.TARGET_BYTES);
    private final List<Block> blocks = new ArrayList<>(2);
    /** Size of a block in bytes; smaller than usual to cut two blocks evenly. */
    private int targetBytes = Block.TARGET_BYTES;

    private int end;
    private boolean hasGap;
    private boolean hasContent;

    /** Continues a block, which becomes part of the result of {@link #finish}. */
    void resume(Block block, long client) {
        block.resume(structs);
        structs.add(block.readLast(client).readStored());
        end = block.end;
        hasGap = block.hasGap;
        hasContent = block.hasContent;
    }

    /** Begins with all structs of a block but the last. */
    void resumeWithoutLast(Block block, long client) {
        StructReader reader = block.read(client);
        for (int left = block.count - 1; left > 0; left--) {
            addPiece(reader.readStored());
        }
    }

    /** Adds a struct, which may be cut. Its bytes must not change before {@link #finish}. */
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
            if (structs.count() > 0 && structs.size() + struct.contentBytes() > targetBytes) {
                cut();
            }
        }
        structs.add(struct);
        end = struct.end();
        hasGap |= struct.kind == Kind.SKIP;
        hasContent |= !struct.kind.isHollow();
    }

    private void cut() {
        structs.finish();
        blocks.add(new Block(structs, end, hasGap, hasContent));
        structs.clear();
        hasGap = false;
        hasContent = false;
    }

    /** Returns the blocks, and begins again. */
    List<Block> finish() {
        structs.finish();
        if (structs.count() > 0) {
            cut();
        }
        List<Block> finished = List.copyOf(blocks);
        blocks.clear();
        return finished;
    }

    /**
     * As {@link #finish}, for blocks in the middle of others: a small last block is cut evenly with the one before. Otherwise each change of a
     * full block would leave a small one behind.
     */
    List<Block> finishEvenly(long client) {
        List<Block> finished = finish();
        int last = finished.size() - 1;
        if (last < 1
                || finished.get(last).size() > MIN_BYTES
                || finished.get(last - 1).size() > 2 * Block.TARGET_BYTES) {
            return finished;
        }
        targetBytes = (finished.get(last - 1).size() + finished.get(last).size()) / 2;
        for (Block block : finished.subList(last - 1, last + 1)) {
            StructReader reader = block.read(client);
            while (reader.hasNext()) {
                addPiece(reader.readStored());
            }
        }
        List<Block> even = new ArrayList<>(finished.subList(0, last - 1));
        even.addAll(finish());
        targetBytes = Block.TARGET_BYTES;
        return even;
    }
}
