package dev.tutti.yjs;

import java.util.List;

/**
 * Blocks in the place of others. Immutable.
 *
 * @param from the index of the first block that goes
 * @param to the index after the last that goes
 * @param blocks what comes instead
 */
record Splice(int from, int to, List<Block> blocks) {}
