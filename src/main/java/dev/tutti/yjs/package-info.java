/**
 * Leaf: Yjs documents on the server. Bytes in, bytes out: no network, no threads, no clock, no dependency but the JDK.
 *
 * <p>{@link dev.tutti.yjs.YDocument} is one document: it applies updates in any order, and encodes the difference that a peer lacks. {@link
 * dev.tutti.yjs.Updates} merges updates. {@link dev.tutti.yjs.Awareness} holds the awareness states. {@link
 * dev.tutti.yjs.lib0.Lib0Reader} and {@link dev.tutti.yjs.lib0.Lib0Writer} are the encoding under all of them. Every byte from a peer is
 * checked before it has an effect; malformed input throws a {@link dev.tutti.yjs.lib0.MalformedUpdateException}.
 *
 * <p>The formats are those of Yjs 13 (update format V1) and y-protocols 1. An update is <i>structs</i>, by client and contiguous by
 * clock, and a <i>delete set</i>, ranges of clocks by client. A struct has its position as the ids of its neighbours at the insertion, from
 * which clients find the order of the text. A server that only stores and sends updates does not need that order: it keeps structs by
 * id, and never builds the text.
 */
@NullMarked
package dev.tutti.yjs;

import org.jspecify.annotations.NullMarked;
