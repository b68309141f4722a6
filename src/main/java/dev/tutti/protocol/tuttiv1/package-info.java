/**
 * The protocol of {@code /connect}, {@code tutti.v1}: JSON objects, many rooms on one connection, presence, history and recovery.
 *
 * <p>{@link dev.tutti.protocol.tuttiv1.RequestReader} reads a frame as a {@link dev.tutti.protocol.tuttiv1.Request}, {@link
 * dev.tutti.protocol.tuttiv1.TuttiV1Session} carries it out, and {@link dev.tutti.protocol.tuttiv1.TuttiV1} writes all that clients receive.
 */
@NullMarked
package dev.tutti.protocol.tuttiv1;

import org.jspecify.annotations.NullMarked;
