/**
 * The core: who is connected, which rooms they are in, and a message's way from one to all.
 *
 * <p>{@link dev.tutti.hub.Hub} knows every {@link dev.tutti.hub.Client} and every room. A room has one owner at a time, which
 * takes all that waits in its inbox, encodes it once for each {@link dev.tutti.hub.Protocol} and offers the resulting {@link
 * dev.tutti.hub.Batch} to the {@link dev.tutti.hub.Outbox} of each member. The outbox hands it to a {@link
 * dev.tutti.hub.Transport}, which is the only thing here that knows a network. Nothing in this package imports Jakarta's API.
 *
 * <p>A room gives each {@link dev.tutti.hub.Publication} a {@link dev.tutti.hub.Position}, remembers the latest as {@link
 * dev.tutti.hub.HistoryRules} say, and knows its {@link dev.tutti.hub.Members}. A client has a {@link dev.tutti.hub.Subscription} in each of its
 * rooms; an application listens by a {@link dev.tutti.hub.RoomListener}.
 */
@NullMarked
package dev.tutti.hub;

import org.jspecify.annotations.NullMarked;
