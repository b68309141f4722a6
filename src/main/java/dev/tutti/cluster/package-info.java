/**
 * Rooms of several servers on one Redis: {@link dev.tutti.cluster.Cluster} opens the logs of a hub, which append through a script, and deliver what
 * the channel of the room brings, in the order of the offsets (docs/cluster.md). It also has commands of administrators carried out on all servers, and
 * shares revocations of tokens. Nothing else knows Redis or its client; without the setting
 * {@code cluster} none of its classes is loaded.
 */
@NullMarked
package dev.tutti.cluster;

import org.jspecify.annotations.NullMarked;
