/**
 * Leaf: Yjs documents as a server holds them. Bytes in, bytes out: no network, no threads, no clock, the JDK alone.
 *
 * <p>{@link dev.tutti.yjs.YDocument} is one document: it takes updates in, in whatever order they come, and tells each peer what it
 * lacks. {@link dev.tutti.yjs.Updates} makes one update of several. {@link dev.tutti.yjs.Awareness} is who is there. {@link
 * dev.tutti.yjs.lib0.Lib0Reader} and {@link dev.tutti.yjs.lib0.Lib0Writer} are the encoding under all of them. What a peer sent is checked
 * to its last byte before anything is done with it, and refused with a {@link dev.tutti.yjs.lib0.MalformedUpdateException}.
 *
 * <p>The formats are those of Yjs 13 (update format V1) and y-protocols 1. An update is <i>structs</i>, by client and contiguous by
 * clock, and a <i>delete set</i>, ranges of clocks by client. A struct says where it was inserted by the ids of its neighbours at
 * that time, so a server that only stores and passes on need not know the order that a reader finds from it: it keeps structs
 * where their ids put them, and never builds the text.
 */
@NullMarked
package dev.tutti.yjs;

import org.jspecify.annotations.NullMarked;
