/**
 * Edge: the server that needs no container. {@link dev.tutti.standalone.Main} reads the options, {@link
 * dev.tutti.standalone.StandaloneServer} runs Tyrus on a Grizzly HTTP server. Packed into {@code WEB-INF/lib-standalone}, where
 * containers do not look.
 */
@NullMarked
package dev.tutti.standalone;

import org.jspecify.annotations.NullMarked;
