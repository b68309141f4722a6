package dev.tutti.yjs;

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

    /** Returns the bytes of memory that all take, about. */
    long memoryBytes() {
        return memoryBytes;
    }

    /** Returns the clock after the last. */
    int end() {
        return size == 0 ? 0 : blocks[size - 1].end;
    }

    /** Returns the index of the block that a clock is in; of the last if it is in none. */
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

    /** Puts others in the place of those from one index to before another; returns the index after them. */
    int replace(int from, int to, List<Block> others) {
        int added = others.size() - (to - from);
        for (int i = from; i < to; i++) {
            memoryBytes -= blocks[i].size() + Block.OVERHEAD_BYTES;
        }
        if (size + added > blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(size + added, size + size / 2));
        }
        System.arraycopy(blocks, to, blocks, to + added, size - to);
        for (int i = 0; i < others.size(); i++) {
            blocks[from + i] = others.get(i);
            memoryBytes += others.get(i).size() + Block.OVERHEAD_BYTES;
        }
        if (added < 0) {
            Arrays.fill(blocks, size + added, size, null);
        }
        size += added;
        return from + others.size();
    }
}
