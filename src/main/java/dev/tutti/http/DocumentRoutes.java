package dev.tutti.http;

import dev.tutti.document.Documents;
import dev.tutti.document.Documents.Deletion;
import dev.tutti.document.Documents.Listed;
import dev.tutti.document.Documents.Stored;
import dev.tutti.hub.RoomName;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Gate;
import dev.tutti.security.Permissions;
import dev.tutti.settings.Setting;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The routes about stored documents (docs/protocol.md, "Documents over HTTP"). Each asks the rights of the request's user, because the Java API
 * behind them asks nobody. Safe for any thread.
 */
public final class DocumentRoutes {
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1000;

    /** Documents of a list whose rights are found out at the same time; so a list leaves room for the questions of others. */
    private static final int PREPARED_AT_ONCE = 8;

    /** The settings of these routes. */
    public record Options(
            @Setting(value = "true", help = "whether all clients may list and delete documents")
            boolean manageDocuments) {}

    private final Documents documents;
    private final Gate gate;
    private final Permissions permissions;
    private final boolean manages;

    DocumentRoutes(Documents documents, Gate gate, Permissions permissions, Options options) {
        this.documents = documents;
        this.gate = gate;
        this.permissions = permissions;
        this.manages = options.manageDocuments();
    }

    /** Returns each route, with the errors that it adds to those of {@link Routes}. */
    List<Route> list() {
        return List.of(
                // 200; BAD_REQUEST: limit; FORBIDDEN: manage-documents is false, or no right to manage; UNAVAILABLE
                new Route("GET", "/api/documents", List.of("prefix", "after", "limit"), this::list),
                // 204; BAD_REQUEST: name; FORBIDDEN: manage-documents is false, no right to manage, or another site's
                // page; NOT_FOUND; OPEN; UNAVAILABLE
                new Route("DELETE", "/api/documents/{name}", List.of(), this::delete),
                // 200; BAD_REQUEST: name; FORBIDDEN: no right to read; UNAVAILABLE
                new Route("GET", "/api/documents/{name}/stored", List.of(), this::stored));
    }

    private CompletionStage<ApiResponse> list(ApiRequest request, String unnamed) {
        requireManages();
        String prefix = orEmpty(request.query().get("prefix"));
        String after = orEmpty(request.query().get("after"));
        int limit = limit(request.query().get("limit"));
        Access access = access(request);
        return Access.after(access.prepareAllDocuments(), () -> {
            access.onAllDocuments().require(Action.MANAGE);
            return list(access, prefix, after, limit + 1, limit + 1, new ArrayList<>())
                    .thenApply(found -> list(found, limit));
        });
    }

    private static ApiResponse list(List<Listed> found, int limit) {
        JsonArrayBuilder list = Json.createArrayBuilder();
        found.stream().limit(limit).map(DocumentRoutes::json).forEach(list::add);
        return ApiResponse.ok(Json.createObjectBuilder().add("documents", list).add("more", found.size() > limit));
    }

    /**
     * Adds the next documents that the user may manage, until there are {@code max}.
     *
     * @param pageSize number of documents that it asks the store for; after the first page the greatest
     */
    private CompletionStage<List<Listed>> list(
            Access access, String prefix, String after, int pageSize, int max, List<Listed> found) {
        return documents
                .list(prefix, after, pageSize)
                .thenCompose(page -> addManageable(access, page, max, found)
                        .thenCompose(unused -> page.size() < pageSize || found.size() == max
                                ? CompletableFuture.completedFuture(found)
                                : list(access, prefix, page.get(pageSize - 1).name(), MAX_LIMIT + 1, max, found)));
    }

    /** Adds the documents that the user may manage, until there are {@code max}. It finds out the rights on few of them at once. */
    private static CompletionStage<List<Listed>> addManageable(
            Access access, List<Listed> page, int max, List<Listed> found) {
        List<Listed> first = page.subList(0, Math.min(page.size(), PREPARED_AT_ONCE));
        List<Listed> rest = page.subList(first.size(), page.size());
        return Access.after(
                access.prepareDocuments(first.stream().map(Listed::name).toList()), () -> {
                    first.stream()
                            .filter(document ->
                                    access.onDocument(document.name()).include(Action.MANAGE))
                            .limit(max - found.size())
                            .forEach(found::add);
                    return rest.isEmpty() || found.size() == max
                            ? CompletableFuture.completedFuture(found)
                            : addManageable(access, rest, max, found);
                });
    }

    private CompletionStage<ApiResponse> delete(ApiRequest request, String name) {
        requireName(name);
        requireManages();
        Access access = access(request);
        return Access.after(access.prepareDocument(name), () -> {
            access.onDocument(name).require(Action.MANAGE);
            return documents.delete(name).thenApply(DocumentRoutes::deleted);
        });
    }

    private CompletionStage<ApiResponse> stored(ApiRequest request, String name) {
        requireName(name);
        Access access = access(request);
        return Access.after(access.prepareDocument(name), () -> {
            access.onDocument(name).require(Action.READ);
            return documents.stored(name).thenApply(stored -> ApiResponse.ok(json(name, stored)));
        });
    }

    private Access access(ApiRequest request) {
        return new Access(gate.admit(request.caller()), permissions);
    }

    private void requireManages() {
        if (!manages) {
            throw new ApiException(ApiError.FORBIDDEN, "documents are not listed or deleted here");
        }
    }

    private static void requireName(String name) {
        if (!RoomName.isValid(name)) {
            throw new ApiException(ApiError.BAD_REQUEST, RoomName.NO_NAME);
        }
    }

    private static int limit(@Nullable String text) {
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MAX_LIMIT) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // answered below, like a number out of range
        }
        throw new ApiException(ApiError.BAD_REQUEST, "limit is a whole number from 1 to " + MAX_LIMIT);
    }

    private static JsonObject json(Listed document) {
        return Json.createObjectBuilder()
                .add("name", document.name())
                .add("bytes", document.bytes())
                .add("changed", Instant.ofEpochMilli(document.changedMillis()).toString())
                .add("open", document.openCount())
                .build();
    }

    private static JsonObjectBuilder json(String name, Stored stored) {
        JsonObjectBuilder json = Json.createObjectBuilder()
                .add("document", name)
                .add("stateVector", Base64.getEncoder().encodeToString(stored.stateVector()))
                .add("complete", stored.isComplete());
        String failure = stored.failure();
        return failure == null ? json.addNull("failure") : json.add("failure", failure);
    }

    private static ApiResponse deleted(Deletion deletion) {
        return switch (deletion) {
            case DELETED -> ApiResponse.noContent();
            case UNKNOWN -> ApiResponse.error(ApiError.NOT_FOUND, "there is no document of this name");
            case OPEN -> ApiResponse.error(ApiError.OPEN, "somebody has this document open");
        };
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
