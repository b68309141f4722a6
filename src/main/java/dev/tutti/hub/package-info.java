/**
 * The core: connected clients, their rooms, and the way of a message from its publisher to all members.
 *
 * <p>{@link dev.tutti.hub.Hub} holds every {@link dev.tutti.hub.Client} and every room. The {@link dev.tutti.hub.Memberships} of a client
 * hold a {@link dev.tutti.hub.Subscription} to each of its rooms. A room's log appends a {@link dev.tutti.hub.Publication}, gives it a {@link
 * dev.tutti.hub.Position}, and retains the latest ones by {@link dev.tutti.hub.HistoryRules}. The room posts it to the {@link
 * dev.tutti.hub.Mailbox} of each of its shards. The run of a shard takes all waiting events, encodes each once for each {@link
 * dev.tutti.hub.Protocol}, and offers the {@link dev.tutti.hub.Batch} to the outbox of each member. The outbox passes it to a {@link
 * dev.tutti.hub.Transport}, the only type here that knows the network. Nothing in this package imports Jakarta's API.
 *
 * <p>An application listens to a room with a {@link dev.tutti.hub.RoomListener}. {@link dev.tutti.hub.Limits} and {@link
 * dev.tutti.hub.Budget} bound the memory that peers can make the server keep; {@link dev.tutti.hub.Metrics} counts.
 */
@NullMarked
package dev.tutti.hub;

import org.jspecify.annotations.NullMarked;
