package dev.tutti.document;

import dev.tutti.document.UnversionedWork.Work;
import dev.tutti.document.Version.Writers;
import dev.tutti.hub.Budget;
import dev.tutti.hub.LimitBreach;
import dev.tutti.yjs.YDocument;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Records the writers of a live document, for its next version. Each run with changes costs one look at a flag, and each update none: members carry a
 * mark, which is read when they leave or a version is made. Confined to the document's run.
 */
final class DocumentWriters {
    private final LiveDocuments documents;
    private final String name;

    /** The changes since the last version; null if there are none, or too many documents have some. */
    private @Nullable Work work;

    /** Callers without a connection that have brought updates in this run. */
    private Writers submitters = Writers.NONE;

    DocumentWriters(LiveDocuments documents, String name) {
        this.documents = documents;
        this.name = name;
    }

    /** A caller without a connection has brought an update; null for the application. */
    void submitted(@Nullable String user) {
        if (user != null) {
            submitters = submitters.joinedWith(UnversionedWork.writer(user));
        }
    }

    /** A member leaves. */
    void left(DocumentMember member) {
        if (member.hasWritten) {
            member.hasWritten = false;
            add(writer(member));
        }
    }

    /** Ends a run, which may have changed the document. */
    void endRun(boolean hasChanged) {
        if (hasChanged && (work == null || work.isTaken() || !submitters.isEmpty())) {
            add(submitters);
        }
        submitters = Writers.NONE;
    }

    private void add(Writers writers) {
        work = documents.unversioned().changed(name, writers, documents.time().millis());
    }

    private static Writers writer(DocumentMember member) {
        return UnversionedWork.writer(member.access().identity().user());
    }

    /** Completes {@code result} with the state and its writers, and forgets them. */
    void draft(
            DocumentContent content,
            Collection<DocumentMember> members,
            Budget.Quota quota,
            CompletableFuture<VersionDraft> result) {
        YDocument state = content.state();
        long bytes = state.memoryBytes();
        if (!quota.tryReserve(Budget.Share.OUTPUT, bytes)) {
            result.completeExceptionally(new StoreException(LimitBreach.MEMORY.reason()));
            return;
        }
        try {
            members.forEach(this::left);
            Writers writers = documents.unversioned().take(name);
            DocumentKey key = new DocumentKey(name, content.incarnation().id());
            boolean isEmpty = state.stateVector().length == 1; // its number of clients, zero
            result.complete(new VersionDraft(key, isEmpty ? new byte[0] : state.encode(), writers, bytes));
        } catch (RuntimeException | Error e) {
            quota.release(Budget.Share.OUTPUT, bytes);
            result.completeExceptionally(e);
            throw e;
        }
    }
}
