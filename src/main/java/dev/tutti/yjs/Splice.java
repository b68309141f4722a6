package dev.tutti.yjs;

import java.util.List;

/**
 * The replacement of blocks by others. Immutable.
 *
 * @param from index of the first block to replace
 * @param to index after the last block to replace
 * @param blocks the new blocks
 */
record Splice(int from, int to, List<Block> blocks) {}
