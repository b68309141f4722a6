/**
 * Edge: the server that needs no container. {@link dev.tutti.standalone.Main} reads the options, {@link
 * dev.tutti.standalone.StandaloneServer} runs Tyrus on a Grizzly HTTP server. Packed into {@code WEB-INF/lib-standalone}, where
 * containers do not look.
 *
 * <p>Bytes from a peer come through TLS ({@code TlsContext}), {@code HandshakeGuard}, {@code FrameGuard}, Grizzly's HTTP and Tyrus,
 * in this order: what reaches Grizzly and Tyrus was checked before.
 */
@NullMarked
package dev.tutti.standalone;

import org.jspecify.annotations.NullMarked;
