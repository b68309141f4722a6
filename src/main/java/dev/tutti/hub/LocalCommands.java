package dev.tutti.hub;

import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Revocations;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** Carries out commands of administrators on the connections of this server. Safe for any thread; no method blocks. */
final class LocalCommands {
    private static final String DISCONNECTED = "an administrator has disconnected this user";

    private final Hub hub;
    private final Revocations revocations;
    private final Permissions permissions;
    private final UserSubscriptions subscriptions;

    LocalCommands(Hub hub, Revocations revocations, Permissions permissions) {
        this.hub = hub;
        this.revocations = revocations;
        this.permissions = permissions;
        this.subscriptions = new UserSubscriptions(hub);
    }

    /**
     * Carries out a command.
     *
     * @param which connections it may concern; revocations and rights concern all
     * @return the number of connections that it concerns; completes when it is carried out
     * @throws IllegalArgumentException if the name of the user is empty
     */
    CompletionStage<Integer> run(Command command, Predicate<Client> which) {
        if (command instanceof Command.Revoke revoke) {
            revocations.add(revoke.revocation());
            return hub.clients().reauthorize(revocations::include);
        }
        if (command instanceof Command.Disconnect disconnect) {
            Predicate<Identity> isUser = isNamed(disconnect.user());
            return disconnect(client -> which.test(client) && client.hasIdentity(isUser));
        }
        if (command instanceof Command.DisconnectClient disconnect) {
            return CompletableFuture.completedFuture(disconnectClient(disconnect.client()) ? 1 : 0);
        }
        if (command instanceof Command.Reauthorize reauthorize) {
            Predicate<Identity> isUser = isNamed(reauthorize.user());
            permissions.forget(reauthorize.user());
            return hub.clients().reauthorize(isUser);
        }
        if (command instanceof Command.Subscribe subscribe) {
            return subscriptions.subscribe(subscribe.user(), subscribe.room(), which);
        }
        if (command instanceof Command.Unsubscribe unsubscribe) {
            return subscriptions.unsubscribe(unsubscribe.user(), unsubscribe.room(), which);
        }
        throw new AssertionError(command);
    }

    private CompletionStage<Integer> disconnect(Predicate<Client> which) {
        return hub.clients().sweep(which, client -> {
            client.close(CloseCode.FORBIDDEN, DISCONNECTED);
            return null;
        });
    }

    /** Closes one connection; false if there is none of this id. */
    boolean disconnectClient(String id) {
        Client client = hub.clients().get(id);
        if (client != null) {
            client.close(CloseCode.FORBIDDEN, DISCONNECTED);
        }
        return client != null;
    }

    private static Predicate<Identity> isNamed(String user) {
        if (user.isEmpty()) {
            throw new IllegalArgumentException("an anonymous guest has no name");
        }
        return identity -> identity.user().equals(user);
    }
}
