package dev.tutti.http;

import dev.tutti.hub.Administration;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Gate;
import dev.tutti.security.Permissions;
import jakarta.json.Json;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The routes that disconnect users and revoke their tokens (docs/protocol.md, "Administration over HTTP"). Each asks for the right to administer
 * the server, before it reads anything else of the request. Safe for any thread.
 */
final class AdministrationRoutes {
    private final Administration administration;
    private final Gate gate;
    private final Permissions permissions;

    AdministrationRoutes(Administration administration, Gate gate, Permissions permissions) {
        this.administration = administration;
        this.gate = gate;
        this.permissions = permissions;
    }

    /** An action on the connections of one user. */
    private interface OnUser {
        CompletionStage<Integer> run(String user, ApiRequest request);
    }

    /** Returns each route, with the errors that it adds to those of {@link Routes}. */
    List<Route> list() {
        return List.of(
                // 200; FORBIDDEN: no right to administer, or another site's page
                onUser("disconnect", (user, request) -> administration.disconnect(user)),
                // the same; BAD_REQUEST: issuedBefore, or no such user can be
                onUser("revoke", (user, request) -> revoke(user, request.query().get("issuedBefore"))),
                onUser("reauthorize", (user, request) -> administration.reauthorize(user)),
                // 200; FORBIDDEN, as above; BAD_REQUEST: no such id can be
                new Route("DELETE", "/api/tokens/{name}", List.of(), this::revokeToken),
                // 204; FORBIDDEN, as above; NOT_FOUND
                new Route("DELETE", "/api/clients/{name}", List.of(), this::disconnectClient));
    }

    private Route onUser(String action, OnUser run) {
        List<String> parameters = action.equals("revoke") ? List.of("issuedBefore") : List.of();
        return new Route("POST", "/api/users/{name}/" + action, parameters, (request, user) -> {
            requireAdministrator(request);
            return counted(() -> run.run(user, request));
        });
    }

    private CompletionStage<ApiResponse> revokeToken(ApiRequest request, String jti) {
        requireAdministrator(request);
        return counted(() -> administration.revokeToken(jti));
    }

    private CompletionStage<ApiResponse> disconnectClient(ApiRequest request, String id) {
        requireAdministrator(request);
        return CompletableFuture.completedFuture(
                administration.disconnectClient(id)
                        ? ApiResponse.noContent()
                        : ApiResponse.error(ApiError.NOT_FOUND, "there is no connection of this id"));
    }

    private void requireAdministrator(ApiRequest request) {
        new Access(gate.admitToOwnPages(request.caller()), permissions)
                .onServer()
                .require(Action.ADMIN);
    }

    private static CompletionStage<ApiResponse> counted(Supplier<CompletionStage<Integer>> action) {
        try {
            return action.get()
                    .thenApply(
                            count -> ApiResponse.ok(Json.createObjectBuilder().add("connections", count)));
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
