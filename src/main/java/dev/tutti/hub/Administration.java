package dev.tutti.hub;

import dev.tutti.security.Permissions;
import dev.tutti.security.Revocation;
import dev.tutti.security.Revocation.Kind;
import dev.tutti.security.Revocations;
import dev.tutti.security.UnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Ends connections, takes rights from open ones, and subscribes them to rooms, on behalf of an administrator, on all servers. Safe for any thread; no
 * method blocks, and none asks whether its caller may do this.
 *
 * <p>A user is the one that the container, a token or a guest's secret names. An anonymous guest is none: see {@link #disconnectClient}. Each stage
 * gives the number of connections concerned, and completes when the servers have ended their rights; then the clients learn it, each after its earlier
 * frames. It fails with {@link UnavailableException} if another server cannot be reached, or does not confirm in time. Then the command is carried out
 * here all the same; a revocation also there, when the server is back.
 */
public final class Administration {
    /** As far as the clock of an issuer may be ahead. */
    private static final Duration LATEST = Duration.ofMinutes(10);

    private final Hub hub;
    private final Revocations revocations;
    private final Permissions permissions;
    private final LocalCommands here;
    private final OtherServers others;

    /** Administers a server that is alone; otherwise as below. */
    public Administration(Hub hub, Revocations revocations, Permissions permissions) {
        this(hub, revocations, permissions, OtherServers.NONE);
    }

    /**
     * Administers the clients of a hub, the tokens that its gate refuses by {@code revocations}, and the cached answers of the permissions; and the same
     * on other servers.
     */
    public Administration(Hub hub, Revocations revocations, Permissions permissions, OtherServers others) {
        this.hub = hub;
        this.revocations = revocations;
        this.permissions = permissions;
        this.here = new LocalCommands(hub, revocations, permissions);
        this.others = others;
    }

    /** Closes all connections of a user with 4403. The user may connect again. */
    public CompletionStage<Integer> disconnect(String user) {
        return everywhere(new Command.Disconnect(user));
    }

    /**
     * Closes one connection with 4403.
     *
     * @param id as {@link Client#id}
     * @return false if there is none
     */
    public CompletionStage<Boolean> disconnectClient(String id) {
        return here.disconnectClient(id)
                ? CompletableFuture.completedFuture(true)
                : others.run(new Command.DisconnectClient(id)).thenApply(count -> count > 0);
    }

    /**
     * Revokes all tokens that a user has now; otherwise as {@link #revoke(String, Instant)}.
     */
    public CompletionStage<Integer> revoke(String user) {
        return revoke(user, now());
    }

    /**
     * Revokes the tokens of a user that were issued before a time: closes their connections with 4401, and refuses them from now on.
     *
     * @throws IllegalArgumentException if no token names such a user, or the time is more than ten minutes from now
     */
    public CompletionStage<Integer> revoke(String user, Instant issuedBefore) {
        if (issuedBefore.isAfter(now().plus(LATEST))) {
            throw new IllegalArgumentException("tokens that are issued later cannot be revoked now");
        }
        return everywhere(new Command.Revoke(new Revocation(Kind.USER, user, issuedBefore)));
    }

    /**
     * Revokes one token; otherwise as {@link #revoke}.
     *
     * @param jti its id, of 1 to 256 characters
     * @throws IllegalArgumentException if no such id can be revoked
     */
    public CompletionStage<Integer> revokeToken(String jti) {
        return everywhere(new Command.Revoke(new Revocation(Kind.TOKEN, jti, now())));
    }

    /** Takes the rights of all connections of a user anew, because the decisions of the permissions have changed. */
    public CompletionStage<Integer> reauthorize(String user) {
        return everywhere(new Command.Reauthorize(user));
    }

    /**
     * Subscribes all connections of a user to a room, as {@link UserSubscriptions#subscribe}.
     *
     * @param room valid by {@link RoomName#isValid}
     */
    public CompletionStage<Integer> subscribe(String user, String room) {
        return everywhere(new Command.Subscribe(user, room));
    }

    /**
     * Unsubscribes all connections of a user from a room, as {@link UserSubscriptions#unsubscribe}.
     *
     * @param room valid by {@link RoomName#isValid}
     */
    public CompletionStage<Integer> unsubscribe(String user, String room) {
        return everywhere(new Command.Unsubscribe(user, room));
    }

    /**
     * Lists connections of all servers in the order of their ids, as strings.
     *
     * @param user only those of this user; empty for all
     * @param after the id before the first result; empty to begin with the first
     * @param max number of results
     */
    public CompletionStage<Page<ClientDirectory.Entry>> clients(String user, String after, int max) {
        return page(
                clientsHere(user, after, max + 1),
                others.clients(user, after, max + 1),
                ClientDirectory.Entry::client,
                max);
    }

    /**
     * Lists the names of the rooms of all servers in their order, without the room of {@code /ws}.
     *
     * @param prefix of their names; empty for all
     * @param after the name before the first result; empty to begin with the first room
     * @param max number of results
     */
    public CompletionStage<Page<String>> rooms(String prefix, String after, int max) {
        return page(roomsHere(prefix, after, max + 1), others.rooms(prefix, after, max + 1), Function.identity(), max);
    }

    /** Returns a new part by which this server tells others of its users, and learns of theirs. */
    public UserReports userReports() {
        return new UserReports(hub.users(), hub.time());
    }

    /** Returns the other servers. */
    public OtherServers others() {
        return others;
    }

    /** Returns the name of this server: that of its settings, or else one that no other server has, with which the ids of its clients begin. */
    public String serverName() {
        return others.name().isEmpty() ? hub.name : others.name();
    }

    /** Lists connections of this server. */
    public CompletionStage<List<ClientDirectory.Entry>> clientsHere(String user, String after, int max) {
        return hub.clientDirectory().list(user, after, max);
    }

    /** Lists rooms of this server. */
    public CompletionStage<List<String>> roomsHere(String prefix, String after, int max) {
        return hub.directory().list(prefix, after, max);
    }

    /** @param max number of results; one more of each server shows whether there are more */
    private static <T> CompletionStage<Page<T>> page(
            CompletionStage<List<T>> here,
            CompletionStage<OtherServers.Found<T>> there,
            Function<T, String> name,
            int max) {
        return here.thenCombine(there.exceptionally(Administration::unreachable), (own, found) -> {
            List<Page.Part<T>> parts = new ArrayList<>(found.parts());
            parts.add(new Page.Part<>(own, own.size() > max));
            return Page.of(parts, found.missing() > 0, name, max);
        });
    }

    private static <T> OtherServers.Found<T> unreachable(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof UnavailableException) {
            return new OtherServers.Found<>(List.of(), 1);
        }
        throw new CompletionException(cause);
    }

    /** Takes the rights of all connections of this server anew. */
    public CompletionStage<Integer> reauthorizeAll() {
        return hub.clients().reauthorize(identity -> true);
    }

    /** Takes the rights of all connections of this server anew, because it may have missed commands: an application is asked again for all of them. */
    public CompletionStage<Integer> recheckAll() {
        permissions.forgetAll();
        return reauthorizeAll();
    }

    /** Closes the connections of this server whose tokens are revoked. */
    public CompletionStage<Integer> closeRevoked() {
        return hub.clients().reauthorize(revocations::include);
    }

    /**
     * Carries out a command on this server alone.
     *
     * @throws IllegalArgumentException if the name of the user is empty
     */
    public CompletionStage<Integer> runHere(Command command) {
        return here.run(command, client -> true);
    }

    /**
     * Carries out a command that this server has missed, on the connections that it had at that time.
     *
     * @param nanos that time, by {@link TimeSource#nanos}
     */
    public CompletionStage<Integer> runMissed(Command command, long nanos) {
        return here.run(command, client -> client.lifetime().beganBefore(nanos));
    }

    private CompletionStage<Integer> everywhere(Command command) {
        CompletionStage<Integer> done = runHere(command);
        CompletionStage<Integer> there = others.run(command);
        return done.thenCompose(count -> there.handle((more, failure) -> sum(count, more, failure)));
    }

    private static int sum(int here, @Nullable Integer there, @Nullable Throwable failure) {
        if (there != null) {
            return here + there;
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof UnavailableException unavailable) {
            throw new UnavailableException("done here (connections: " + here + "), but " + unavailable.reason());
        }
        throw new CompletionException(cause);
    }

    private Instant now() {
        return Instant.ofEpochMilli(hub.time().millis());
    }
}
