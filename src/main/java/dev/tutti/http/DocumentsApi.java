package dev.tutti.http;

import dev.tutti.document.Documents;
import dev.tutti.document.Documents.Deletion;
import dev.tutti.document.Documents.Listed;
import dev.tutti.document.Documents.Stored;
import dev.tutti.document.StoreException;
import dev.tutti.hub.RoomName;
import dev.tutti.security.Origins;
import dev.tutti.settings.Setting;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What is answered at {@code /api} and below. Safe for any thread; nothing here waits.
 *
 * <pre>
 * GET    /api/documents?prefix=…&amp;after=…&amp;limit=…   {"documents":[{"name":…,"bytes":…,"changed":…,"open":…}],"more":…}
 * DELETE /api/documents/{document}                  204; 404 if there is none; 409 if somebody has it open
 * GET    /api/documents/{document}/stored           {"document":…,"stateVector":…,"complete":…,"failure":…}
 * </pre>
 *
 * <p>An error is {@code {"error":…,"message":…}}.
 */
public final class DocumentsApi {
    /** The first segment of its paths. */
    public static final String ROOT = "api";

    /** The media type of every answer that has content. */
    public static final String CONTENT_TYPE = "application/json";

    private static final Logger LOG = System.getLogger(DocumentsApi.class.getName());

    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1000;

    /** What of this is offered. */
    public record Options(
            @Setting(value = "true", help = "whether whoever may connect may list all documents and delete them")
            boolean manageDocuments) {}

    /**
     * A request, as far as it matters here.
     *
     * @param path as it came, not decoded
     * @param context the path that the application has in its container; empty for the root
     * @param origin the header of that name; null without
     * @param host the header of that name; null without
     */
    public record Request(
            String method,
            String path,
            String context,
            @Nullable String origin,
            @Nullable String host) {}

    /** The parameters of a request's query. */
    public interface Query {
        /** Returns the first value of a parameter, decoded; null if it is not there. */
        @Nullable
        String get(String name);
    }

    /**
     * What is answered.
     *
     * @param content JSON; empty for none
     */
    public record Answer(int status, String content) {}

    private final Documents documents;
    private final Origins origins;
    private final boolean manages;

    /** Answers for documents; only pages of these origins may delete. */
    public DocumentsApi(Documents documents, Origins origins, Options options) {
        this.documents = documents;
        this.origins = origins;
        this.manages = options.manageDocuments();
    }

    /** Returns the answer to a request; never fails. */
    public CompletionStage<Answer> answer(Request request, Query query) {
        CompletionStage<Answer> answer;
        try {
            answer = dispatch(request, query);
        } catch (IllegalArgumentException e) {
            return done(error(400, "bad_request", String.valueOf(e.getMessage())));
        }
        return answer.exceptionally(DocumentsApi::failed);
    }

    private CompletionStage<Answer> dispatch(Request request, Query query) {
        List<String> path = path(request);
        int length = path.size();
        if (length < 2 || !path.get(0).equals(ROOT) || !path.get(1).equals("documents")) {
            return notFound();
        }
        boolean gets = request.method().equals("GET");
        String name = length == 2 ? "" : path.get(2);
        if (name.isEmpty() && length <= 3) {
            return !manages ? hidden() : gets ? list(query) : notAllowed("this answers GET only");
        }
        if (!RoomName.isValid(name)) {
            throw new IllegalArgumentException(RoomName.NO_NAME);
        }
        if (length == 3) {
            return !manages
                    ? hidden()
                    : request.method().equals("DELETE")
                            ? delete(name, request)
                            : notAllowed("this answers DELETE only");
        }
        if (length == 4 && path.get(3).equals("stored")) {
            return gets ? stored(name) : notAllowed("this answers GET only");
        }
        return notFound();
    }

    /** Returns the segments after the application's own path. */
    private static List<String> path(Request request) {
        List<String> segments = RequestPath.segments(request.path());
        int own = request.context().isEmpty()
                ? 0
                : RequestPath.segments(request.context()).size();
        return segments.subList(Math.min(own, segments.size()), segments.size());
    }

    private CompletionStage<Answer> list(Query query) {
        String prefix = orElse(query.get("prefix"), "");
        String after = orElse(query.get("after"), "");
        int limit = limit(query.get("limit"));
        return documents.list(prefix, after, limit + 1).thenApply(found -> {
            JsonArrayBuilder list = Json.createArrayBuilder();
            found.stream().limit(limit).map(DocumentsApi::json).forEach(list::add);
            return ok(Json.createObjectBuilder().add("documents", list).add("more", found.size() > limit));
        });
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
            // as one that is out of range
        }
        throw new IllegalArgumentException("limit is a whole number from 1 to " + MAX_LIMIT);
    }

    private static JsonObject json(Listed document) {
        return Json.createObjectBuilder()
                .add("name", document.name())
                .add("bytes", document.bytes())
                .add("changed", Instant.ofEpochMilli(document.changedMillis()).toString())
                .add("open", document.openCount())
                .build();
    }

    private CompletionStage<Answer> stored(String name) {
        return documents.stored(name).thenApply(stored -> ok(json(name, stored)));
    }

    private static JsonObjectBuilder json(String name, Stored stored) {
        JsonObjectBuilder json = Json.createObjectBuilder()
                .add("document", name)
                .add("stateVector", Base64.getEncoder().encodeToString(stored.stateVector()))
                .add("complete", stored.isComplete());
        String failure = stored.failure();
        return failure == null ? json.addNull("failure") : json.add("failure", failure);
    }

    private CompletionStage<Answer> delete(String name, Request request) {
        if (!origins.allow(request.origin(), request.host())) {
            return done(error(403, "forbidden", "pages of this origin may not delete"));
        }
        return documents.delete(name).thenApply(DocumentsApi::deleted);
    }

    private static Answer deleted(Deletion deletion) {
        return switch (deletion) {
            case DELETED -> new Answer(204, "");
            case UNKNOWN -> error(404, "not_found", "there is no document of this name");
            case OPEN -> error(409, "open", "somebody has this document open");
        };
    }

    private static CompletionStage<Answer> notFound() {
        return done(error(404, "not_found", "there is nothing here"));
    }

    private static CompletionStage<Answer> hidden() {
        return done(error(403, "forbidden", "documents are not listed or deleted here"));
    }

    private static CompletionStage<Answer> notAllowed(String message) {
        return done(error(405, "method_not_allowed", message));
    }

    private static Answer failed(Throwable failure) {
        Throwable cause = StoreException.causeOf(failure);
        if (cause instanceof StoreException) {
            return error(503, "unavailable", String.valueOf(cause.getMessage()));
        }
        LOG.log(Level.ERROR, "a request about documents failed", cause);
        return error(500, "internal", "this failed");
    }

    private static Answer ok(JsonObjectBuilder content) {
        return new Answer(200, content.build().toString());
    }

    private static Answer error(int status, String error, String message) {
        return new Answer(
                status,
                Json.createObjectBuilder()
                        .add("error", error)
                        .add("message", message)
                        .build()
                        .toString());
    }

    private static CompletionStage<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }

    private static String orElse(@Nullable String value, String otherwise) {
        return value == null ? otherwise : value;
    }
}
