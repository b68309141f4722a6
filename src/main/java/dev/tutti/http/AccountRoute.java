package dev.tutti.http;

import dev.tutti.hub.RoomName;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Gate;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Rights;
import dev.tutti.settings.Setting;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code GET /api/me}: the user of the request, the user's rights, and where to sign in (docs/protocol.md, "The user"). Safe for any thread. */
public final class AccountRoute {
    /** The settings of this route. */
    public record Options(
            @Setting(
                    value = "",
                    help = "address of your page where users sign in; {return} stands for the page to return to")
            String signInUrl,

            @Setting(value = "", help = "whom users ask for access, such as an e-mail address; pages show it")
            String contact) {
        /**
         * Checks the address.
         *
         * @throws IllegalArgumentException if it is neither an http address nor a path
         */
        public Options {
            if (!signInUrl.isEmpty() && !signInUrl.matches("(https?:/)?/[^\\s\"<>]+")) {
                throw new IllegalArgumentException("sign-in-url: not an http address or a path: " + signInUrl);
            }
        }
    }

    private final Gate gate;
    private final Permissions permissions;
    private final Options options;

    AccountRoute(Gate gate, Permissions permissions, Options options) {
        this.gate = gate;
        this.permissions = permissions;
        this.options = options;
    }

    /** Returns the route, with the errors that it adds to those of {@link Routes}. */
    Route route() {
        // 200; BAD_REQUEST: room or document; FORBIDDEN: another site's page
        return new Route("GET", "/api/me", List.of("room", "document"), this::describe);
    }

    private CompletionStage<ApiResponse> describe(ApiRequest request, String unnamed) {
        Identity identity = gate.recognize(request.caller());
        JsonObjectBuilder json =
                Json.createObjectBuilder().add("way", identity.way().name().toLowerCase(Locale.ROOT));
        addText(json, "user", identity.user());
        JsonArrayBuilder roles = Json.createArrayBuilder();
        identity.roles().stream().sorted().forEach(roles::add);
        json.add("roles", roles);
        if (identity.expiresAt() == null) {
            json.addNull("expires");
        } else {
            json.add("expires", identity.expiresAt().toString());
        }
        return rights(request, new Access(identity, permissions))
                .thenApply(rights -> ApiResponse.ok(describe(json, rights)));
    }

    private JsonObjectBuilder describe(JsonObjectBuilder json, Rights rights) {
        JsonArrayBuilder may = Json.createArrayBuilder();
        for (Action action : Action.values()) {
            if (rights.include(action)) {
                may.add(action.word());
            }
        }
        json.add("may", may);
        addText(json, "signIn", options.signInUrl());
        addText(json, "contact", options.contact());
        return json;
    }

    /** Returns the rights in the room or on the document that the query names; those on the server if it names none. */
    private static CompletionStage<Rights> rights(ApiRequest request, Access access) {
        String room = request.query().get("room");
        String document = request.query().get("document");
        if (room != null && document != null) {
            throw new ApiException(ApiError.BAD_REQUEST, "name a room or a document, not both");
        }
        if (room != null) {
            requireName(room.isEmpty() || RoomName.isValid(room));
            return Access.after(access.prepareRoom(room), () -> CompletableFuture.completedFuture(access.inRoom(room)));
        }
        if (document != null) {
            requireName(RoomName.isValid(document));
            return Access.after(
                    access.prepareDocument(document),
                    () -> CompletableFuture.completedFuture(access.onDocument(document)));
        }
        return CompletableFuture.completedFuture(access.onServer());
    }

    private static void requireName(boolean isValid) {
        if (!isValid) {
            throw new ApiException(ApiError.BAD_REQUEST, RoomName.NO_NAME);
        }
    }

    private static void addText(JsonObjectBuilder json, String name, String text) {
        if (text.isEmpty()) {
            json.addNull(name);
        } else {
            json.add(name, text);
        }
    }
}
