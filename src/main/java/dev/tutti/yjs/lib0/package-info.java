/**
 * Leaf: lib0's encoding, on which Yjs updates and the sync protocols are built. {@link dev.tutti.yjs.lib0.Lib0Reader} checks each value
 * against the bytes that are left before it allocates; malformed input throws {@link dev.tutti.yjs.lib0.MalformedUpdateException}.
 */
@NullMarked
package dev.tutti.yjs.lib0;

import org.jspecify.annotations.NullMarked;
