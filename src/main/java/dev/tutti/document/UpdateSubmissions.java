package dev.tutti.document;

import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The updates of callers without a connection: applies them, and completes those that are stored. While the store fails it refuses them, because
 * a caller waits for the answer; its next attempt, with the same update, changes nothing twice. Confined to the document's run.
 */
final class UpdateSubmissions {
    private final UpdateIntake intake;
    private final Persistence persistence;
    /** Those that are applied and not stored. */
    private final Set<UpdateSubmission> waiting = new LinkedHashSet<>(0);
    /** The state is unreliable. */
    private boolean isClosed;

    UpdateSubmissions(UpdateIntake intake, Persistence persistence) {
        this.intake = intake;
        this.persistence = persistence;
    }

    /** Applies an update, or refuses it. After an unchecked exception the state is unreliable. */
    void apply(UpdateSubmission submission, YDocument state, ReceivedUpdates received, long nowMillis) {
        String failure = isClosed ? SharedDocument.FAILED : persistence.failure();
        if (failure != null) {
            submission.fail(new StoreException(failure));
            return;
        }
        try {
            intake.apply(submission.quota(), submission.update(), state, received, nowMillis);
        } catch (MalformedUpdateException e) {
            submission.fail(new IllegalArgumentException(String.valueOf(e.getMessage()), e));
            return;
        } catch (LimitExceededException e) {
            submission.fail(new LimitException(LimitBreach.DOCUMENT_BYTES));
            return;
        } catch (LimitException e) {
            submission.fail(e);
            return;
        } catch (RuntimeException | Error e) {
            submission.fail(new StoreException(SharedDocument.FAILED));
            throw e;
        }
        waiting.add(submission);
        persistence.reserve(submission.quota(), SyncReplies.REPLY_BYTES);
        persistence.whenStored(() -> {
            waiting.remove(submission);
            submission.stored().complete(null);
        });
    }

    /** Refuses all later updates: the state is unreliable. */
    void close() {
        isClosed = true;
    }

    /** Fails those that wait if the store fails. They are applied, and may be stored later. */
    void endRun() {
        String failure = persistence.failure();
        if (failure != null && !waiting.isEmpty()) {
            waiting.forEach(submission -> submission.fail(new StoreException(failure)));
            waiting.clear();
        }
    }
}
