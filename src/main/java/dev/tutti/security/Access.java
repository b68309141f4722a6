package dev.tutti.security;

import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The identity of one connection or request, and the permissions that decide about it. Rooms, documents and the HTTP API ask it; protocols and
 * endpoints only pass it on, so that no path goes around it. Immutable.
 *
 * <p>Before a protocol opens a room or a document it <b>prepares</b> the rights: a stage says that they are not known, and when to go on. Rights
 * that nobody has prepared are refused with an {@link UnavailableException}.
 */
public record Access(Identity identity, Permissions permissions) {
    /** Returns an access that may do everything in a user's name; an empty name makes an anonymous one. */
    public static Access unrestricted(String user) {
        return new Access(Identity.named(user), Permissions.ALLOW_ALL);
    }

    /**
     * Begins to find out the rights in a room, unless they are known; the empty name stands for the room of {@code /ws}.
     *
     * @return null if {@link #inRoom} answers at once; else a stage that completes, never with a failure, when it is worth another call
     */
    public @Nullable CompletionStage<?> prepareRoom(String room) {
        return permissions.prepare(identity, Resource.room(room));
    }

    /** As {@link #prepareRoom}, for {@link #onDocument}. */
    public @Nullable CompletionStage<?> prepareDocument(String document) {
        return permissions.prepare(identity, Resource.document(document));
    }

    /** As {@link #prepareRoom}, for all of these rooms. */
    public @Nullable CompletionStage<?> prepareRooms(Collection<String> rooms) {
        return all(rooms.stream().map(this::prepareRoom));
    }

    /** As {@link #prepareDocument}, for all of these documents. */
    public @Nullable CompletionStage<?> prepareDocuments(Collection<String> documents) {
        return all(documents.stream().map(this::prepareDocument));
    }

    /** Goes on when prepared rights are known: at once if {@code unknown} is null. */
    public static <T> CompletionStage<T> after(
            @Nullable CompletionStage<?> unknown, Supplier<CompletionStage<T>> next) {
        return unknown == null ? next.get() : unknown.thenCompose(known -> next.get());
    }

    /** Returns a stage that completes after all others; null if all are null. */
    public static @Nullable CompletionStage<?> all(Stream<@Nullable CompletionStage<?>> stages) {
        CompletableFuture<?>[] unknown = stages.filter(Objects::nonNull)
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture<?>[]::new);
        return unknown.length == 0 ? null : CompletableFuture.allOf(unknown);
    }

    /** As {@link #prepareRoom}, for {@link #onAllDocuments}. */
    public @Nullable CompletionStage<?> prepareAllDocuments() {
        return permissions.prepare(identity, Resource.ALL_DOCUMENTS);
    }

    /**
     * Returns the rights in a room; the empty name stands for the room of {@code /ws}.
     *
     * @throws UnavailableException if they are not known
     */
    public Rights inRoom(String room) {
        return Rights.of(permissions, identity, Resource.room(room));
    }

    /**
     * Returns the rights on a document.
     *
     * @throws UnavailableException if they are not known
     */
    public Rights onDocument(String document) {
        return Rights.of(permissions, identity, Resource.document(document));
    }

    /** Returns after how long rights are taken anew, because they may have changed unnoticed; 0 for never. */
    public long recheckNanos() {
        return permissions.recheckNanos();
    }

    /** Returns the rights on the server. */
    public Rights onServer() {
        return Rights.of(permissions, identity, Resource.SERVER);
    }

    /** Returns whether the token that gave this access was revoked; then it has no rights. */
    public boolean isRevoked() {
        return permissions.isRevoked(identity);
    }

    /**
     * Returns the rights on the list of all documents.
     *
     * @throws UnavailableException if they are not known
     */
    public Rights onAllDocuments() {
        return Rights.of(permissions, identity, Resource.ALL_DOCUMENTS);
    }
}
