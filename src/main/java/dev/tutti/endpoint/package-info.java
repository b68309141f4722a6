/**
 * Edge: the WebSocket endpoints on Jakarta's API, their messages and codecs, and the registry of sessions.
 *
 * <p>A message's way in: {@link dev.tutti.endpoint.MessageDecoder} makes a {@link dev.tutti.endpoint.Message} of a text frame, {@link
 * dev.tutti.endpoint.BroadcastEndpoint} gives it to its client, the hub does the rest and comes back through {@link
 * dev.tutti.endpoint.SessionTransport}. On {@link dev.tutti.endpoint.ConnectEndpoint} a frame is a {@link dev.tutti.endpoint.Request}, which
 * a conversation carries out; on {@link dev.tutti.endpoint.DocumentEndpoint} it goes to a document as it is.
 */
@NullMarked
package dev.tutti.endpoint;

import org.jspecify.annotations.NullMarked;
