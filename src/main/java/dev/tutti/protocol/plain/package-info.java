/**
 * The protocol of {@code /ws} and {@code /ws/{room}}: a frame is one JSON string in both directions.
 *
 * <p>{@link dev.tutti.protocol.plain.MessageReader} reads a frame, {@link dev.tutti.protocol.plain.PlainSession} publishes its text, and
 * {@link dev.tutti.protocol.plain.PlainProtocol} encodes the room's publications.
 */
@NullMarked
package dev.tutti.protocol.plain;

import org.jspecify.annotations.NullMarked;
