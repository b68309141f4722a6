package dev.tutti.http;

import dev.tutti.security.Access;
import dev.tutti.security.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads documents page by page, and keeps those that the user may manage. Immutable.
 *
 * @param <T> a document, or a deleted one
 * @param name returns the name of a document, to which the rights belong
 */
record ManageableDocuments<T>(Access access, Function<T, String> name, Pages<T> pages) {
    /** Documents whose rights a list asks for at the same time; so it leaves room for the questions of others. */
    private static final int PREPARED_AT_ONCE = 8;

    /** All documents, in order. */
    interface Pages<T> {
        /**
         * Reads the next documents.
         *
         * @param last the last one before them; null for the first page
         */
        CompletionStage<List<T>> next(@Nullable T last, int max);
    }

    /**
     * Returns the first documents that the user may manage.
     *
     * @throws dev.tutti.security.ForbiddenException if there can be none
     */
    CompletionStage<List<T>> first(int max) {
        return Access.after(access.prepareAllDocuments(), () -> {
            access.onAllDocuments().require(Action.MANAGE);
            return read(null, max, max, new ArrayList<>());
        });
    }

    /** @param pageSize number of documents that it asks the store for; after the first page the greatest */
    private CompletionStage<List<T>> read(@Nullable T last, int pageSize, int max, List<T> found) {
        return pages.next(last, pageSize)
                .thenCompose(page -> addManageable(page, max, found)
                        .thenCompose(unused -> page.size() < pageSize || found.size() == max
                                ? CompletableFuture.completedFuture(found)
                                : read(page.get(pageSize - 1), ApiCall.MAX_LIMIT + 1, max, found)));
    }

    /** Adds the documents that the user may manage, until there are {@code max}. Asks for the rights on few of them at once. */
    private CompletionStage<List<T>> addManageable(List<T> page, int max, List<T> found) {
        List<T> some = page.subList(0, Math.min(page.size(), PREPARED_AT_ONCE));
        List<T> rest = page.subList(some.size(), page.size());
        return Access.after(access.prepareDocuments(some.stream().map(name).toList()), () -> {
            some.stream()
                    .filter(one -> access.onDocument(name.apply(one)).include(Action.MANAGE))
                    .limit(max - found.size())
                    .forEach(found::add);
            return rest.isEmpty() || found.size() == max
                    ? CompletableFuture.completedFuture(found)
                    : addManageable(rest, max, found);
        });
    }
}
