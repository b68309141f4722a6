package dev.tutti.http;

import dev.tutti.http.Operation.Kind;
import dev.tutti.hub.HistoryRule;
import dev.tutti.hub.Hub;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Gate;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Rights;
import dev.tutti.settings.Setting;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/me}: the user of the request, the user's rights, and where to sign in (docs/protocol.md, "The user"). Safe for any thread. */
public final class AccountRoute {
    /** The settings of this route. */
    public record Options(
            @Setting(
                    value = "",
                    help = "address of your page where users sign in; {return} stands for the page to return to")
            String signInUrl,

            @Setting(
                    value = "",
                    help =
                            "path beside the pages that answers {\"token\"}, a new one for the user of the cookies; pages ask before a token ends")
            String tokenUrl,

            @Setting(value = "", help = "whom users ask for access, such as an e-mail address; pages show it")
            String contact) {
        /**
         * Checks the addresses.
         *
         * @throws IllegalArgumentException if one is neither an http address nor a path, or the second is no path
         */
        public Options {
            if (!signInUrl.isEmpty() && !signInUrl.matches("(https?:/)?/[^\\s\"<>]+")) {
                throw new IllegalArgumentException("sign-in-url: not an http address or a path: " + signInUrl);
            }
            if (!tokenUrl.isEmpty() && !tokenUrl.matches("/[^/\\s\"<>\\\\][^\\s\"<>\\\\]*")) {
                throw new IllegalArgumentException("token-url: not a path: " + tokenUrl);
            }
        }
    }

    private final Hub hub;
    private final Gate gate;
    private final Permissions permissions;
    private final Options options;

    AccountRoute(Hub hub, Gate gate, Permissions permissions, Options options) {
        this.hub = hub;
        this.gate = gate;
        this.permissions = permissions;
        this.options = options;
    }

    /**
     * The user of a request.
     *
     * @param user null for an anonymous guest
     * @param expires when the user's token ends; null for never
     * @param history what the room keeps; null without a room that the user may read
     */
    record Account(
            String way,
            @OptionalMember @Nullable String user,
            List<String> roles,
            @OptionalMember @Nullable Instant expires,
            List<String> may,
            @OptionalMember @Nullable String signIn,
            @OptionalMember @Nullable String renewal,
            @OptionalMember @Nullable String contact,
            @OptionalMember @Nullable History history) {}

    /**
     * What a room keeps of its publications.
     *
     * @param publications at most; 0 for none
     * @param seconds at most
     * @param stored whether they are there after a restart of the server
     */
    record History(int publications, int seconds, boolean stored) {}

    /** Returns the route. */
    Route route() {
        return new Route(
                "GET",
                "/api/me",
                Operation.of("The user of the request, the user's rights, and where to sign in")
                        .query("room", Kind.TEXT, "lists the rights in this room")
                        .query("document", Kind.TEXT, "lists the rights on this document")
                        .answers(200, Account.class),
                this::describe);
    }

    private CompletionStage<ApiResponse> describe(ApiCall call) {
        Identity identity = gate.recognize(call.request().caller());
        return rights(call, new Access(identity, permissions))
                .thenApply(rights -> ApiResponse.ok(new Account(
                        identity.way().word(),
                        nullIfEmpty(identity.user()),
                        identity.roles().stream().sorted().toList(),
                        identity.expiresAt(),
                        Stream.of(Action.values())
                                .filter(rights::include)
                                .map(Action::word)
                                .toList(),
                        nullIfEmpty(options.signInUrl()),
                        nullIfEmpty(options.tokenUrl()),
                        nullIfEmpty(options.contact()),
                        history(call.query("room"), rights))));
    }

    private @Nullable History history(@Nullable String room, Rights rights) {
        if (room == null || !rights.include(Action.READ)) {
            return null;
        }
        HistoryRule rule = hub.limits().history().of(room);
        return new History(rule.count(), rule.seconds(), hub.historyOutlivesTheServer());
    }

    /** Returns the rights in the room or on the document that the query names; those on the server if it names none. */
    private static CompletionStage<Rights> rights(ApiCall call, Access access) {
        String room = call.query("room");
        String document = call.query("document");
        if (room != null && document != null) {
            throw new ApiException(ApiError.BAD_REQUEST, "name a room or a document, not both");
        }
        if (room != null) {
            if (!room.isEmpty()) { // the room of /ws has no name
                ApiCall.requireName(room);
            }
            return Access.after(access.prepareRoom(room), () -> CompletableFuture.completedFuture(access.inRoom(room)));
        }
        if (document != null) {
            ApiCall.requireName(document);
            return Access.after(
                    access.prepareDocument(document),
                    () -> CompletableFuture.completedFuture(access.onDocument(document)));
        }
        return CompletableFuture.completedFuture(access.onServer());
    }

    private static @Nullable String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }
}
