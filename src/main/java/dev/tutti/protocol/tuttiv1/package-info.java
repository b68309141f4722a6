/**
 * The protocol of {@code /connect}, {@code tutti.v1}: JSON objects, many rooms on one connection, presence, history and recovery.
 *
 * <p>A frame holds {@link dev.tutti.protocol.tuttiv1.Requests}, one on each line; {@link dev.tutti.protocol.tuttiv1.TuttiV1Session} carries
 * each {@link dev.tutti.protocol.tuttiv1.Request} out, and {@link dev.tutti.protocol.tuttiv1.TuttiV1} writes all frames to clients.
 */
@NullMarked
package dev.tutti.protocol.tuttiv1;

import org.jspecify.annotations.NullMarked;
