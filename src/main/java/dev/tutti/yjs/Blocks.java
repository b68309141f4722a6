package dev.tutti.yjs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The {@link Block blocks} of one client, in order and without a gap between them. Confined to their owner. */
final class Blocks {
    private static final Block[] NONE = {};

    private Block[] blocks = NONE;
    private int size;
    private long memoryBytes;

    int size() {
        return size;
    }

    Block get(int index) {
        return blocks[index];
    }

    /** Returns about the bytes of memory that all blocks take. */
    long memoryBytes() {
        return memoryBytes;
    }

    /** Returns the clock after the last struct. */
    int end() {
        return size == 0 ? 0 : blocks[size - 1].end;
    }

    /** Returns the index of the block with a clock; of the last block if none has it. */
    int find(int clock) {
        int low = 0;
        int high = size - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (blocks[middle].clock <= clock) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /**
     * Replaces blocks. Copies the array at most once for any number of splices.
     *
     * @param splices in order, without overlaps
     * @return the splices that undo the replacement
     */
    List<Splice> replace(List<Splice> splices) {
        List<Splice> inverse = new ArrayList<>(splices.size());
        int added = 0;
        for (Splice splice : splices) {
            List<Block> replaced = List.of(Arrays.copyOfRange(blocks, splice.from(), splice.to()));
            int from = splice.from() + added;
            inverse.add(new Splice(from, from + splice.blocks().size(), replaced));
            added += splice.blocks().size() - replaced.size();
            replaced.forEach(block -> memoryBytes -= block.memoryBytes());
            splice.blocks().forEach(block -> memoryBytes += block.memoryBytes());
        }
        if (splices.size() == 1) {
            replace(splices.get(0), added);
        } else if (splices.size() > 1) {
            rebuild(splices, added);
        }
        return inverse;
    }

    private void replace(Splice splice, int added) {
        if (size + added > blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(size + added, size + size / 2));
        }
        System.arraycopy(blocks, splice.to(), blocks, splice.to() + added, size - splice.to());
        for (int i = 0; i < splice.blocks().size(); i++) {
            blocks[splice.from() + i] = splice.blocks().get(i);
        }
        if (added < 0) {
            Arrays.fill(blocks, size + added, size, null);
        }
        size += added;
    }

    private void rebuild(List<Splice> splices, int added) {
        Block[] rebuilt = new Block[size + added];
        int kept = 0;
        int at = 0;
        for (Splice splice : splices) {
            System.arraycopy(blocks, kept, rebuilt, at, splice.from() - kept);
            at += splice.from() - kept;
            for (Block block : splice.blocks()) {
                rebuilt[at++] = block;
            }
            kept = splice.to();
        }
        System.arraycopy(blocks, kept, rebuilt, at, size - kept);
        blocks = rebuilt;
        size += added;
    }
}
