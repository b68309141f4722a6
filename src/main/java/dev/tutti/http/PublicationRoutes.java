package dev.tutti.http;

import dev.tutti.document.StoreException;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.Limits;
import dev.tutti.hub.RoomDirectory;
import dev.tutti.hub.Utf8Length;
import dev.tutti.protocol.JsonText;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.UnavailableException;
import jakarta.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The routes that publish (docs/http-api.md, "Publish"), in the name of the caller. Safe for any thread. */
final class PublicationRoutes {
    /** Publications of one request. */
    static final int MAX_PUBLICATIONS = 100;

    /** Bytes of the members of a body besides its data. */
    private static final int OVERHEAD_BYTES = 1024;

    /** Bytes of a body with publications for several rooms, at least. */
    private static final int MANY_BYTES = 1 << 20;

    /** Bytes of a body if messages have no limit. */
    private static final int MAX_BYTES = 1 << 24;

    /** Characters of the longest key. */
    private static final int MAX_KEY = 64;

    private final RoomDirectory rooms;
    private final Admission admission;
    private final int maxMessageBytes;

    PublicationRoutes(RoomDirectory rooms, Admission admission, Limits limits) {
        this.rooms = rooms;
        this.admission = admission;
        this.maxMessageBytes = limits.maxMessageBytes() == 0 ? MAX_BYTES : limits.maxMessageBytes();
    }

    /** A publication; a room publishes a key of a user once, as long as it retains that publication. */
    record Draft(JsonValue data, @OptionalMember @Nullable String key) {
        Draft {
            requireKey(key);
        }
    }

    /** A publication of a room. */
    record RoomDraft(
            String room,
            JsonValue data,
            @OptionalMember @Nullable String key) {
        RoomDraft {
            ApiCall.requireName(room);
            requireKey(key);
        }
    }

    /** Publications of several rooms. */
    record Drafts(List<RoomDraft> publications) {
        Drafts {
            if (publications.isEmpty() || publications.size() > MAX_PUBLICATIONS) {
                throw new ApiException(ApiError.BAD_REQUEST, "publications has 1 to " + MAX_PUBLICATIONS + " elements");
            }
        }
    }

    /** The position of a publication, or of the earlier one with its key. */
    record Published(PositionJson position) {}

    /** The result of one of several publications: its position, or the error that kept it from being published. */
    record RoomPublished(
            String room,
            @OptionalMember @Nullable PositionJson position,
            @OptionalMember @Nullable String error,
            @OptionalMember @Nullable String message) {}

    /** The results of several publications, in their order. */
    record AllPublished(List<RoomPublished> publications) {}

    private static void requireKey(@Nullable String key) {
        if (key != null && (key.isEmpty() || key.length() > MAX_KEY)) {
            throw new ApiException(ApiError.BAD_REQUEST, "key has 1 to " + MAX_KEY + " characters");
        }
    }

    /** Returns each route. */
    List<Route> list() {
        return List.of(
                new Route(
                        "POST",
                        "/api/rooms/{room}/publications",
                        Operation.of("Publishes in a room. Needs the right to write")
                                .takes(Draft.class)
                                .answers(200, Published.class)
                                .fails(ApiError.UNAVAILABLE),
                        this::publish),
                new Route(
                        "POST",
                        "/api/publications",
                        Operation.of("Publishes in several rooms. Needs the right to write in all")
                                .takes(Drafts.class)
                                .answers(200, AllPublished.class)
                                .fails(ApiError.UNAVAILABLE),
                        this::publishAll));
    }

    private CompletionStage<ApiResponse> publish(ApiCall call) {
        String room = call.name("room");
        Access access = admission.admitToOwnPages(call.request());
        return Access.after(access.prepareRoom(room), () -> {
            access.inRoom(room).require(Action.WRITE);
            return call.json(Draft.class, maxMessageBytes + OVERHEAD_BYTES)
                    .thenCompose(draft -> rooms.publish(access.identity(), room, text(draft.data()), draft.key()))
                    .thenApply(position ->
                            ApiResponse.ok(new Published(new PositionJson(position.epoch(), position.offset()))));
        });
    }

    private CompletionStage<ApiResponse> publishAll(ApiCall call) {
        Access access = admission.admitToOwnPages(call.request());
        return call.json(Drafts.class, Math.max(MANY_BYTES, maxMessageBytes + OVERHEAD_BYTES))
                .thenCompose(drafts -> {
                    List<RoomDraft> all = drafts.publications();
                    List<String> data =
                            all.stream().map(draft -> text(draft.data())).toList();
                    admission.count(call.request(), access.identity(), all.size() - 1);
                    return Access.after(
                            access.prepareRooms(
                                    all.stream().map(RoomDraft::room).distinct().toList()),
                            () -> {
                                all.forEach(draft -> access.inRoom(draft.room()).require(Action.WRITE));
                                return publishAll(access, all, data);
                            });
                });
    }

    /** Publishes in the order of the request; one that a room refuses does not keep back the others. */
    private CompletionStage<ApiResponse> publishAll(Access access, List<RoomDraft> all, List<String> data) {
        List<CompletableFuture<RoomPublished>> results = new ArrayList<>(all.size());
        for (int i = 0; i < all.size(); i++) {
            results.add(publish(access, all.get(i), data.get(i)).toCompletableFuture());
        }
        return CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> ApiResponse.ok(new AllPublished(
                        results.stream().map(CompletableFuture::join).toList())));
    }

    private CompletionStage<RoomPublished> publish(Access access, RoomDraft draft, String data) {
        try {
            return rooms.publish(access.identity(), draft.room(), data, draft.key())
                    .handle((position, failure) -> failure == null
                            ? new RoomPublished(draft.room(), PositionJson.of(position), null, null)
                            : refused(draft, failure));
        } catch (LimitException | UnavailableException e) {
            return CompletableFuture.completedFuture(refused(draft, e));
        }
    }

    private static RoomPublished refused(RoomDraft draft, Throwable failure) {
        Throwable cause = StoreException.causeOf(failure);
        String reason;
        if (cause instanceof LimitException e) {
            reason = e.breach().reason();
        } else if (cause instanceof UnavailableException e) {
            reason = e.reason();
        } else {
            throw new CompletionException(cause);
        }
        return new RoomPublished(draft.room(), null, ApiError.UNAVAILABLE.code(), reason);
    }

    /** Returns data as text for the room. */
    private String text(JsonValue data) {
        String text = JsonText.wellFormed(data.toString());
        if (Utf8Length.of(text) > maxMessageBytes) {
            throw new ApiException(ApiError.TOO_LARGE, "data has more than " + maxMessageBytes + " bytes");
        }
        return text;
    }
}
