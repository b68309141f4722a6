package dev.tutti.http;

import dev.tutti.http.Operation.Kind;
import dev.tutti.hub.Administration;
import dev.tutti.security.Action;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The routes that disconnect users, subscribe them to rooms, and revoke their tokens (docs/http-api.md, "Users"). Each asks for the right to administer
 * the server, before it reads anything else of the request. Safe for any thread.
 */
final class AdministrationRoutes {
    private static final String ISSUED_BEFORE = "issuedBefore";

    private final Administration administration;
    private final Admission admission;

    AdministrationRoutes(Administration administration, Admission admission) {
        this.administration = administration;
        this.admission = admission;
    }

    /** An action on the connections of one user. */
    private interface OnUser {
        CompletionStage<Integer> run(String user, ApiCall call);
    }

    /** The number of connections that an action concerns. */
    record Connections(int connections) {}

    /** Returns each route. */
    List<Route> list() {
        return List.of(
                onUser(
                        "disconnect",
                        operation("Closes all connections of a user"),
                        (user, call) -> administration.disconnect(user)),
                onUser(
                        "revoke",
                        operation("Revokes the tokens of a user, and closes their connections")
                                .query(ISSUED_BEFORE, Kind.TIME, "revokes only tokens issued before; now if absent"),
                        (user, call) -> revoke(user, call.query(ISSUED_BEFORE))),
                onUser(
                        "reauthorize",
                        operation("Takes the rights of the user's connections anew"),
                        (user, call) -> administration.reauthorize(user)),
                inRoom(
                        "POST",
                        operation("Subscribes the connections of a user that may read a room, and are not in it"),
                        administration::subscribe),
                inRoom("DELETE", operation("Unsubscribes the connections of a user"), administration::unsubscribe),
                new Route(
                        "DELETE",
                        "/api/tokens/{jti}",
                        operation("Revokes one token, and closes its connections"),
                        this::revokeToken),
                new Route(
                        "DELETE",
                        "/api/clients/{client}",
                        Operation.of("Closes one connection. Needs the right to administer")
                                .answersNothing()
                                .fails(ApiError.NOT_FOUND),
                        this::disconnectClient));
    }

    private static Operation operation(String summary) {
        return Operation.of(summary + ". Needs the right to administer").answers(200, Connections.class);
    }

    private Route onUser(String action, Operation operation, OnUser run) {
        return new Route("POST", "/api/users/{user}/" + action, operation, call -> {
            requireAdministrator(call);
            return counted(() -> run.run(call.segment("user"), call));
        });
    }

    private Route inRoom(
            String method, Operation operation, BiFunction<String, String, CompletionStage<Integer>> action) {
        return new Route(method, "/api/users/{user}/rooms/{room}", operation, call -> {
            requireAdministrator(call);
            String room = call.name("room");
            return counted(() -> action.apply(call.segment("user"), room));
        });
    }

    private CompletionStage<ApiResponse> revokeToken(ApiCall call) {
        requireAdministrator(call);
        return counted(() -> administration.revokeToken(call.segment("jti")));
    }

    private CompletionStage<ApiResponse> disconnectClient(ApiCall call) {
        requireAdministrator(call);
        return administration
                .disconnectClient(call.segment("client"))
                .thenApply(isFound -> isFound
                        ? ApiResponse.noContent()
                        : ApiResponse.error(ApiError.NOT_FOUND, "there is no connection of this id"));
    }

    private void requireAdministrator(ApiCall call) {
        admission.admitToOwnPages(call.request()).onServer().require(Action.ADMIN);
    }

    private static CompletionStage<ApiResponse> counted(Supplier<CompletionStage<Integer>> action) {
        try {
            return action.get().thenApply(count -> ApiResponse.ok(new Connections(count)));
        } catch (IllegalArgumentException e) {
            throw new ApiException(ApiError.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }

    private CompletionStage<Integer> revoke(String user, @Nullable String issuedBefore) {
        if (issuedBefore == null) {
            return administration.revoke(user);
        }
        try {
            return administration.revoke(user, Instant.parse(issuedBefore));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("issuedBefore is a time such as 2026-11-28T12:00:00Z", e);
        }
    }
}
