package dev.tutti.http;

import dev.tutti.document.Trash;
import dev.tutti.document.Trash.Restoration;
import dev.tutti.document.TrashEntry;
import dev.tutti.http.Operation.Kind;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The routes about deleted documents (docs/http-api.md, "Documents"). Each asks the rights of the request's user. Safe for any thread. */
final class TrashRoutes {
    private static final String DOCUMENT = "document";
    private static final String DELETED = "deleted";
    private static final String AS = "as";

    /** A page of the trash; {@code next} is the value of {@code after} for the next page. */
    record TrashList(
            List<TrashJson> documents,
            boolean more,
            @OptionalMember @Nullable String next) {}

    /** A deleted document: {@code bytes} in the store, and the time at which it is removed for ever. */
    record TrashJson(String name, long bytes, Instant deleted, Instant expires) {}

    private final Trash trash;
    private final Admission admission;
    private final boolean manages;

    /** @param manages whether these routes answer at all */
    TrashRoutes(Trash trash, Admission admission, boolean manages) {
        this.trash = trash;
        this.admission = admission;
        this.manages = manages;
    }

    /** Returns each route. */
    List<Route> list() {
        return List.of(
                new Route(
                        "GET",
                        "/api/trash",
                        Operation.of("The deleted documents that the user may manage, by name and time")
                                .query("prefix", Kind.TEXT, "only names that begin so")
                                .query("after", Kind.TEXT, "the next of the page before")
                                .limit("documents in the answer")
                                .answers(200, TrashList.class)
                                .fails(ApiError.UNAVAILABLE),
                        this::list),
                new Route(
                        "POST",
                        "/api/trash/{document}/restore",
                        Operation.of("Restores a deleted document. Needs the right to manage it")
                                .query(DELETED, Kind.TIME, "the time of its deletion; else the latest")
                                .query(AS, Kind.TEXT, "another name that it gets")
                                .answersNothing()
                                .fails(ApiError.NOT_FOUND, ApiError.OPEN, ApiError.TAKEN, ApiError.UNAVAILABLE),
                        this::restore),
                new Route(
                        "DELETE",
                        "/api/trash/{document}",
                        Operation.of("Removes deleted documents of a name for ever. Needs the right to manage them")
                                .query(DELETED, Kind.TIME, "only the one that was deleted at this time")
                                .answersNothing()
                                .fails(ApiError.NOT_FOUND, ApiError.UNAVAILABLE),
                        this::purge));
    }

    private CompletionStage<ApiResponse> list(ApiCall call) {
        DocumentRoutes.requireManages(manages);
        String prefix = call.nameStart("prefix");
        String after = call.nameStart("after");
        int limit = call.limit();
        Access access = admission.admit(call.request());
        return new ManageableDocuments<>(
                        access,
                        TrashEntry::document,
                        (last, max) -> trash.list(prefix, last == null ? after : last.position(), max))
                .first(limit + 1)
                .thenApply(found -> list(found, limit));
    }

    private ApiResponse list(List<TrashEntry> found, int limit) {
        boolean hasMore = found.size() > limit;
        return ApiResponse.ok(new TrashList(
                found.stream().limit(limit).map(this::entry).toList(),
                hasMore,
                hasMore ? found.get(limit - 1).position() : null));
    }

    private TrashJson entry(TrashEntry entry) {
        return new TrashJson(
                entry.document(),
                entry.bytes(),
                Instant.ofEpochMilli(entry.deletedMillis()),
                Instant.ofEpochMilli(trash.expiresMillis(entry)));
    }

    private CompletionStage<ApiResponse> restore(ApiCall call) {
        String name = call.name(DOCUMENT);
        String as = call.queryOrEmpty(AS);
        String target = as.isEmpty() ? name : as;
        ApiCall.requireName(target);
        OptionalLong deleted = deletedMillis(call);
        return managing(
                call,
                List.of(name, target),
                () -> trash.restore(name, deleted, target).thenApply(TrashRoutes::restored));
    }

    private CompletionStage<ApiResponse> purge(ApiCall call) {
        String name = call.name(DOCUMENT);
        OptionalLong deleted = deletedMillis(call);
        return managing(
                call,
                List.of(name),
                () -> trash.purge(name, deleted).thenApply(count -> count > 0 ? ApiResponse.noContent() : notFound()));
    }

    private CompletionStage<ApiResponse> managing(
            ApiCall call, List<String> names, Supplier<CompletionStage<ApiResponse>> action) {
        DocumentRoutes.requireManages(manages);
        Access access = admission.admit(call.request());
        return Access.after(access.prepareDocuments(names), () -> {
            names.forEach(name -> access.onDocument(name).require(Action.MANAGE));
            return action.get();
        });
    }

    private static ApiResponse restored(Restoration restoration) {
        return switch (restoration) {
            case RESTORED -> ApiResponse.noContent();
            case UNKNOWN -> notFound();
            case TAKEN ->
                ApiResponse.error(ApiError.TAKEN, "there is a document of this name: restore it as another one");
            case OPEN ->
                ApiResponse.error(
                        ApiError.OPEN, "somebody has a document of this name open: restore it as another one");
        };
    }

    private static ApiResponse notFound() {
        return ApiResponse.error(ApiError.NOT_FOUND, "the trash has no such document");
    }

    private static OptionalLong deletedMillis(ApiCall call) {
        String text = call.query(DELETED);
        try {
            return text == null
                    ? OptionalLong.empty()
                    : OptionalLong.of(Instant.parse(text).toEpochMilli());
        } catch (DateTimeException | ArithmeticException e) {
            throw new ApiException(ApiError.BAD_REQUEST, "deleted is a time such as 2026-11-28T12:00:00.123Z");
        }
    }
}
