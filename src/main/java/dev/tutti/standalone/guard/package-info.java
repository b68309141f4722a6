/**
 * Edge: the filters that check bytes ahead of Grizzly and Tyrus. {@link dev.tutti.standalone.guard.HandshakeGuard} checks HTTP requests
 * and limits connections; {@link dev.tutti.standalone.guard.FrameGuard} checks WebSocket frames and assembles whole messages within the
 * input budget; {@link dev.tutti.standalone.guard.LingeringClose} closes connections so that the peer can read the reason. {@link
 * dev.tutti.standalone.guard.GuardFilters} installs the filters.
 */
@NullMarked
package dev.tutti.standalone.guard;

import org.jspecify.annotations.NullMarked;
