package dev.tutti.http;

import dev.tutti.document.Documents;
import dev.tutti.document.Documents.Deletion;
import dev.tutti.document.Documents.Listed;
import dev.tutti.document.Documents.Stored;
import dev.tutti.document.StoreException;
import dev.tutti.http.Operation.Kind;
import dev.tutti.hub.Budget;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.Limits;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.settings.Setting;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The routes about documents (docs/http-api.md, "Documents"). Each asks the rights of the request's user, because the Java API
 * behind them asks nobody. Safe for any thread.
 */
public final class DocumentRoutes {
    private static final String DOCUMENT = "document";

    /** Of a document without content. */
    private static final byte[] EMPTY_STATE_VECTOR = {0};

    /** Upper bound of the bytes of an update, also if {@link Limits#maxUpdateBytes} is greater. */
    private static final int MAX_BYTES = 1 << 24;

    /** The settings of these routes. */
    public record Options(
            @Setting(value = "true", help = "whether all clients may list and delete documents")
            boolean manageDocuments) {}

    /** A page of the documents. */
    record DocumentList(List<DocumentEntry> documents, boolean more) {}

    /** A stored document: {@code bytes} in the store, and {@code open} clients. */
    record DocumentEntry(String name, long bytes, Instant changed, int open) {}

    /** How far a document is stored: {@code stateVector} is in base64, and each deletion changes {@code incarnation}. */
    record StoredPart(
            String document,
            long incarnation,
            String stateVector,
            boolean complete,
            @OptionalMember @Nullable String failure) {}

    private final Documents documents;
    private final Admission admission;
    private final boolean manages;
    private final int maxUpdateBytes;

    DocumentRoutes(Documents documents, Admission admission, Options options) {
        this.documents = documents;
        this.admission = admission;
        this.manages = options.manageDocuments();
        int max = documents.limits().maxUpdateBytes();
        this.maxUpdateBytes = max == 0 ? MAX_BYTES : Math.min(max, MAX_BYTES);
    }

    /** Returns each route. */
    List<Route> list() {
        return List.of(
                new Route(
                        "GET",
                        "/api/documents",
                        Operation.of("The documents that the user may manage, by name")
                                .query("prefix", Kind.TEXT, "only names that begin so")
                                .query("after", Kind.TEXT, "only names after this one")
                                .limit("documents in the answer")
                                .answers(200, DocumentList.class)
                                .fails(ApiError.UNAVAILABLE),
                        this::list),
                new Route(
                        "DELETE",
                        "/api/documents/{document}",
                        Operation.of("Moves a document that no client has open to the trash. Needs the right to"
                                        + " manage it")
                                .answersNothing()
                                .fails(ApiError.NOT_FOUND, ApiError.OPEN, ApiError.UNAVAILABLE),
                        this::delete),
                new Route(
                        "GET",
                        "/api/documents/{document}",
                        Operation.of("The content of a document, as a Yjs update. Needs the right to read it")
                                .query("stateVector", Kind.BASE64URL, "only what this state vector lacks")
                                .answersBytes()
                                .fails(ApiError.UNAVAILABLE),
                        this::content),
                new Route(
                        "POST",
                        "/api/documents/{document}",
                        Operation.of("Applies a Yjs update, and answers when it is stored. Needs the right to write")
                                .takesBytes()
                                .answersNothing()
                                .fails(ApiError.UNAVAILABLE),
                        this::apply),
                new Route(
                        "GET",
                        "/api/documents/{document}/stored",
                        Operation.of("How far a document is stored. Needs the right to read it")
                                .answers(200, StoredPart.class)
                                .fails(ApiError.UNAVAILABLE),
                        this::stored));
    }

    private CompletionStage<ApiResponse> list(ApiCall call) {
        requireManages(manages);
        String prefix = call.nameStart("prefix");
        String after = call.nameStart("after");
        int limit = call.limit();
        Access access = admission.admit(call.request());
        return new ManageableDocuments<>(
                        access,
                        Listed::name,
                        (last, max) -> documents.list(prefix, last == null ? after : last.name(), max))
                .first(limit + 1)
                .thenApply(found -> list(found, limit));
    }

    private static ApiResponse list(List<Listed> found, int limit) {
        return ApiResponse.ok(new DocumentList(
                found.stream().limit(limit).map(DocumentRoutes::entry).toList(), found.size() > limit));
    }

    private CompletionStage<ApiResponse> delete(ApiCall call) {
        String name = call.name(DOCUMENT);
        requireManages(manages);
        Access access = admission.admit(call.request());
        return Access.after(access.prepareDocument(name), () -> {
            access.onDocument(name).require(Action.MANAGE);
            return documents.delete(name).thenApply(DocumentRoutes::deleted);
        });
    }

    private CompletionStage<ApiResponse> stored(ApiCall call) {
        String name = call.name(DOCUMENT);
        Access access = admission.admit(call.request());
        return Access.after(access.prepareDocument(name), () -> {
            access.onDocument(name).require(Action.READ);
            return documents.stored(name).thenApply(stored -> ApiResponse.ok(part(name, stored)));
        });
    }

    private CompletionStage<ApiResponse> content(ApiCall call) {
        String name = call.name(DOCUMENT);
        byte[] stateVector = stateVector(call.query("stateVector"));
        Access access = admission.admit(call.request());
        return Access.after(access.prepareDocument(name), () -> {
            access.onDocument(name).require(Action.READ);
            return documents
                    .content(name, stateVector)
                    .exceptionally(failure -> {
                        throw refusal("stateVector", failure);
                    })
                    .thenApply(update -> {
                        call.reserve(Budget.Share.OUTPUT, update.length);
                        return ApiResponse.bytes(update);
                    });
        });
    }

    private CompletionStage<ApiResponse> apply(ApiCall call) {
        String name = call.name(DOCUMENT);
        Access access = admission.admitToOwnPages(call.request());
        return Access.after(access.prepareDocument(name), () -> {
            access.onDocument(name).require(Action.WRITE);
            return call.bytes(maxUpdateBytes)
                    .thenCompose(update -> documents.apply(
                            name,
                            update,
                            access.identity().user(),
                            call.request().caller().addressKey()))
                    .exceptionally(failure -> {
                        throw refusal("update", failure);
                    })
                    .thenApply(stored -> ApiResponse.noContent());
        });
    }

    /** Returns a failure as the caller's fault, if it is one: {@code part} of the request is malformed, or too large. */
    private static RuntimeException refusal(String part, Throwable failure) {
        Throwable cause = StoreException.causeOf(failure);
        if (cause instanceof IllegalArgumentException malformed) {
            return new ApiException(ApiError.BAD_REQUEST, part + ": " + malformed.getMessage());
        }
        if (cause instanceof LimitException limit && limit.breach() == LimitBreach.DOCUMENT_BYTES) {
            return new ApiException(ApiError.TOO_LARGE, limit.breach().reason());
        }
        return new CompletionException(cause);
    }

    private static byte[] stateVector(@Nullable String text) {
        if (text == null) {
            return EMPTY_STATE_VECTOR;
        }
        try {
            return Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new ApiException(ApiError.BAD_REQUEST, "stateVector is not in base64url");
        }
    }

    /** Refuses requests of managers if {@code manages} is false. */
    static void requireManages(boolean manages) {
        if (!manages) {
            throw new ApiException(ApiError.FORBIDDEN, "documents are not listed, deleted or restored here");
        }
    }

    private static DocumentEntry entry(Listed document) {
        return new DocumentEntry(
                document.name(),
                document.bytes(),
                Instant.ofEpochMilli(document.changedMillis()),
                document.openCount());
    }

    private static StoredPart part(String name, Stored stored) {
        return new StoredPart(
                name,
                stored.incarnation(),
                Base64.getEncoder().encodeToString(stored.stateVector()),
                stored.isComplete(),
                stored.failure());
    }

    private static ApiResponse deleted(Deletion deletion) {
        return switch (deletion) {
            case DELETED -> ApiResponse.noContent();
            case UNKNOWN -> ApiResponse.error(ApiError.NOT_FOUND, "there is no document of this name");
            case OPEN -> ApiResponse.error(ApiError.OPEN, "somebody has this document open");
        };
    }
}
