/**
 * Edge: what checks bytes ahead of Grizzly and Tyrus. {@link dev.tutti.standalone.guard.HandshakeGuard} reads and checks HTTP requests and
 * limits connections; {@link dev.tutti.standalone.guard.FrameGuard} checks WebSocket frames and gathers whole messages within the input
 * budget. {@link dev.tutti.standalone.guard.Guards} wires both.
 */
@NullMarked
package dev.tutti.standalone.guard;

import org.jspecify.annotations.NullMarked;
