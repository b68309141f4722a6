package dev.tutti.http;

import dev.tutti.document.Version;
import dev.tutti.document.Versions;
import dev.tutti.document.Versions.Made;
import dev.tutti.http.Operation.Kind;
import dev.tutti.hub.Budget;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The routes about versions of documents (docs/http-api.md, "Versions"). Each asks the rights of the request's user. Safe for any thread. */
final class VersionRoutes {
    private static final String PATH = "/api/documents/{document}/versions";
    private static final String PATH_OF_ONE = PATH + "/{version}";

    /** Upper bound of the body of a request: the title may be written as escapes. */
    private static final int MAX_BYTES = 2_048;

    /** The version to make. */
    record NewVersion(@OptionalMember @Nullable String title) {
        NewVersion {
            if (title != null && title.codePointCount(0, title.length()) > Version.MAX_TITLE) {
                throw new ApiException(ApiError.BAD_REQUEST, "title has " + Version.MAX_TITLE + " characters at most");
            }
        }
    }

    /** A page of the versions, the latest first. */
    record VersionList(List<VersionJson> versions, boolean more) {}

    /** A version: {@code users} have written since the one before, and {@code guests} tells whether guests have; {@code title} is null without one. */
    record VersionJson(
            String id,
            Instant made,
            boolean automatic,
            @OptionalMember @Nullable String title,
            List<String> users,
            boolean guests,
            long bytes) {
        static VersionJson of(Version version) {
            return new VersionJson(
                    version.id(),
                    Instant.ofEpochMilli(version.madeMillis()),
                    version.isAutomatic(),
                    version.title().isEmpty() ? null : version.title(),
                    version.writers().users(),
                    version.writers().hasGuests(),
                    version.bytes());
        }
    }

    private final Versions versions;
    private final Admission admission;
    private final boolean manages;

    /** @param manages whether versions can be removed */
    VersionRoutes(Versions versions, Admission admission, boolean manages) {
        this.versions = versions;
        this.admission = admission;
        this.manages = manages;
    }

    /** Returns each route. */
    List<Route> list() {
        return List.of(
                new Route(
                        "GET",
                        PATH,
                        Operation.of("The versions of a document, the latest first. Needs the right to read it")
                                .query("before", Kind.TEXT, "only those before the one with this id")
                                .limit("versions in the answer")
                                .answers(200, VersionList.class)
                                .fails(ApiError.UNAVAILABLE),
                        this::list),
                new Route(
                        "POST",
                        PATH,
                        Operation.of("Makes a version of a document as it is now. Needs the right to write")
                                .takes(NewVersion.class)
                                .answers(201, VersionJson.class)
                                .fails(ApiError.NOT_FOUND, ApiError.FULL, ApiError.UNAVAILABLE),
                        this::make),
                new Route(
                        "GET",
                        PATH_OF_ONE,
                        Operation.of("The content of a version, as a Yjs update. Needs the right to read the document")
                                .answersBytes()
                                .fails(ApiError.NOT_FOUND, ApiError.UNAVAILABLE),
                        this::content),
                new Route(
                        "DELETE",
                        PATH_OF_ONE,
                        Operation.of("Removes a version for ever. Needs the right to manage the document")
                                .answersNothing()
                                .fails(ApiError.NOT_FOUND, ApiError.UNAVAILABLE),
                        this::delete));
    }

    private CompletionStage<ApiResponse> list(ApiCall call) {
        String before = call.queryOrEmpty("before");
        int limit = call.limit();
        return with(
                call,
                admission.admit(call.request()),
                Action.READ,
                document -> versions.list(document).thenApply(all -> list(all, before, limit)));
    }

    private static ApiResponse list(List<Version> all, String before, int limit) {
        List<VersionJson> found = all.stream()
                .filter(version -> before.isEmpty() || version.id().compareTo(before) < 0)
                .limit(limit + 1L)
                .map(VersionJson::of)
                .toList();
        return ApiResponse.ok(new VersionList(found.subList(0, Math.min(limit, found.size())), found.size() > limit));
    }

    private CompletionStage<ApiResponse> make(ApiCall call) {
        Access access = admission.admitToOwnPages(call.request());
        return with(
                call,
                access,
                Action.WRITE,
                document -> call.json(NewVersion.class, MAX_BYTES)
                        .thenCompose(wanted -> versions.make(
                                document,
                                Objects.requireNonNullElse(wanted.title(), "").strip(),
                                call.request().caller().addressKey()))
                        .thenApply(VersionRoutes::made));
    }

    private static ApiResponse made(Made made) {
        Version version = made.version();
        if (version != null) {
            return ApiResponse.json(201, VersionJson.of(version));
        }
        return made.result() == Versions.Result.FULL
                ? ApiResponse.error(ApiError.FULL, "the document has as many versions as it may have: remove one first")
                : ApiResponse.error(ApiError.NOT_FOUND, "there is no document of this name, or it is empty");
    }

    private CompletionStage<ApiResponse> content(ApiCall call) {
        String id = call.segment("version");
        return with(
                call,
                admission.admit(call.request()),
                Action.READ,
                document -> versions.content(document, id).thenApply(state -> content(call, state)));
    }

    private static ApiResponse content(ApiCall call, Optional<byte[]> state) {
        return state.map(update -> {
                    call.reserve(Budget.Share.OUTPUT, update.length);
                    return ApiResponse.bytes(update);
                })
                .orElseGet(VersionRoutes::unknown);
    }

    private CompletionStage<ApiResponse> delete(ApiCall call) {
        String id = call.segment("version");
        DocumentRoutes.requireManages(manages);
        return with(
                call,
                admission.admit(call.request()),
                Action.MANAGE,
                document -> versions.delete(document, id)
                        .thenApply(existed -> existed ? ApiResponse.noContent() : unknown()));
    }

    private static ApiResponse unknown() {
        return ApiResponse.error(ApiError.NOT_FOUND, "the document has no such version");
    }

    private static CompletionStage<ApiResponse> with(
            ApiCall call, Access access, Action action, Function<String, CompletionStage<ApiResponse>> answer) {
        String document = call.name("document");
        return Access.after(access.prepareDocument(document), () -> {
            access.onDocument(document).require(action);
            return answer.apply(document);
        });
    }
}
