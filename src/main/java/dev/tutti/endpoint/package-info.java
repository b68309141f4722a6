/**
 * Edge: the WebSocket endpoints on Jakarta's API, their codecs, and the registry of sessions. An endpoint carries frames to a protocol, and
 * nothing more.
 *
 * <p>The way of a frame on {@code /ws}: {@link dev.tutti.endpoint.MessageDecoder} makes a {@link dev.tutti.protocol.plain.Message} of it,
 * {@link dev.tutti.endpoint.BroadcastEndpoint} hands that to its {@link dev.tutti.protocol.plain.PlainSession}, the hub delivers it to the
 * room, and {@link dev.tutti.endpoint.SessionTransport} sends it to each member.
 */
@NullMarked
package dev.tutti.endpoint;

import org.jspecify.annotations.NullMarked;
