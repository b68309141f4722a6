package dev.tutti.hub;

import dev.tutti.security.ForbiddenException;
import dev.tutti.security.UnavailableException;
import java.lang.System.Logger;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Subscribes the connections of a user to rooms, and unsubscribes them, on behalf of the application: those whose protocol can tell the client. Safe
 * for any thread; no method blocks, and none asks whether its caller may do this.
 */
public final class UserSubscriptions {
    private static final Logger LOG = System.getLogger(UserSubscriptions.class.getName());

    private final Hub hub;

    /** Of the clients of a hub. */
    public UserSubscriptions(Hub hub) {
        this.hub = hub;
    }

    /**
     * Subscribes all connections of a user to a room, except those that are in it. This gives no right: a connection stays out if its user may not read
     * the room, or if it would exceed a limit.
     *
     * @param room valid by {@link RoomName#isValid}
     * @return the number of connections that this has subscribed; they receive all later publications
     * @throws IllegalArgumentException if the name of the user is empty
     */
    public CompletionStage<Integer> subscribe(String user, String room) {
        return subscribe(user, room, client -> true);
    }

    /** As above, but only connections that match. */
    CompletionStage<Integer> subscribe(String user, String room, Predicate<Client> which) {
        AtomicInteger count = new AtomicInteger();
        return forEach(user, which, client -> {
                    Function<JoinResult, Frame> reply = client.protocol().subscribed(room);
                    return reply == null ? null : subscribe(client, room, reply, count);
                })
                .thenApply(matched -> count.get());
    }

    /** Returns null if it is done, else a stage that completes when it is. */
    private static @Nullable CompletionStage<?> subscribe(
            Client client, String room, Function<JoinResult, Frame> reply, AtomicInteger count) {
        CompletionStage<?> unprepared = null;
        try {
            unprepared = client.memberships().prepareJoin(room, null);
            if (unprepared == null && client.memberships().joinByServer(room, reply)) {
                count.incrementAndGet();
            }
        } catch (LimitException e) {
            client.count(e.breach());
        } catch (ForbiddenException | UnavailableException e) {
            // it stays out, as if it had asked itself
        } catch (RuntimeException e) {
            Faults.report(LOG, client.subject(), "a client cannot be subscribed", e);
        }
        return unprepared == null
                ? null
                : unprepared.thenComposeAsync(
                        prepared -> {
                            CompletionStage<?> again = subscribe(client, room, reply, count);
                            return again == null ? CompletableFuture.completedFuture(null) : again;
                        },
                        client.executor());
    }

    /**
     * Unsubscribes all connections of a user from a room, also those that have joined it themselves.
     *
     * @param room valid by {@link RoomName#isValid}
     * @return the number of connections that this has unsubscribed
     * @throws IllegalArgumentException if the name of the user is empty
     */
    public CompletionStage<Integer> unsubscribe(String user, String room) {
        return unsubscribe(user, room, client -> true);
    }

    /** As above, but only connections that match. */
    CompletionStage<Integer> unsubscribe(String user, String room, Predicate<Client> which) {
        AtomicInteger count = new AtomicInteger();
        return forEach(user, which, client -> {
                    Frame last = client.protocol().removed(room, Removal.UNSUBSCRIBED);
                    if (last != null && client.memberships().leave(room, () -> last)) {
                        count.incrementAndGet();
                    }
                    return null;
                })
                .thenApply(matched -> count.get());
    }

    private CompletionStage<Integer> forEach(
            String user, Predicate<Client> which, Function<Client, @Nullable CompletionStage<?>> action) {
        if (user.isEmpty()) {
            throw new IllegalArgumentException("an anonymous guest has no name");
        }
        Predicate<Client> isUser = client -> client.access().identity().user().equals(user);
        return hub.clients().sweep(isUser.and(which), action);
    }
}
