/**
 * Edge: the server that needs no container. {@code Main} reads the options, {@link dev.tutti.standalone.StandaloneServer} runs Tyrus on a
 * Grizzly HTTP server. Its jar is in {@code WEB-INF/lib-standalone}, which containers ignore.
 *
 * <p>Bytes from a peer pass TLS ({@code TlsContext}), {@link dev.tutti.standalone.guard.HandshakeGuard}, {@link
 * dev.tutti.standalone.guard.FrameGuard}, then Grizzly's HTTP ({@code WebPages}, {@code RouteHandler}) or Tyrus ({@code TyrusFilter}, {@code
 * TyrusEngine}). Frames to a peer go from {@code TyrusTransport} to the connection's write queue.
 */
@NullMarked
package dev.tutti.standalone;

import org.jspecify.annotations.NullMarked;
