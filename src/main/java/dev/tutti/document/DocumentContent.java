package dev.tutti.document;

import dev.tutti.hub.Budget;
import dev.tutti.hub.LimitBreach;
import dev.tutti.log.LogSubject;
import dev.tutti.yjs.Allowance;
import dev.tutti.yjs.DocumentLimits;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The Yjs state of a live document: decodes it from the stored rows, merges the rows of other servers, drops updates that are parked too long,
 * and encodes it for callers without a connection. Confined to the document's run.
 */
final class DocumentContent {
    private static final Logger LOG = System.getLogger(SharedDocument.class.getName());

    /** Time that a parked update may wait for its predecessors. */
    private static final long MAX_PARKED_MILLIS = 3_600_000;

    /** The same when the document is unloaded: no member could bring the predecessors. */
    private static final long MAX_PARKED_MILLIS_AT_UNLOAD = 60_000;

    private final String name;
    private final Budget budget;
    private YDocument state = new YDocument(DocumentLimits.DEFAULT);
    private Incarnation incarnation = Incarnation.FIRST;

    /** New parts of other servers' rows and changes, until the run broadcasts them. */
    private final List<byte[]> foreignChanges = new ArrayList<>(0);

    /** Parked updates were dropped that the stored rows still hold. */
    private boolean storesDropped;

    /** Is empty until {@link #load}. */
    DocumentContent(String name, Budget budget) {
        this.name = name;
        this.budget = budget;
    }

    /**
     * Takes the stored rows and the incarnation.
     *
     * @return false if there is not enough memory for the state; it is empty then
     * @throws MalformedUpdateException if a row is damaged
     */
    boolean load(StoredContent stored, DocumentMemory memory, long nowMillis) throws MalformedUpdateException {
        incarnation = stored.incarnation();
        state = YDocument.decode(
                stored.rows().stream().map(StoredUpdate::update).toList(), DocumentLimits.DEFAULT, nowMillis);
        if (!memory.tryReserve(state.memoryBytes())) {
            state = new YDocument(DocumentLimits.DEFAULT);
            return false;
        }
        return true;
    }

    Incarnation incarnation() {
        return incarnation;
    }

    /** Returns the state; {@link #load} replaces it. */
    YDocument state() {
        return state;
    }

    /**
     * Applies a row of another server. After an unchecked exception the state is unreliable.
     *
     * @return false if it cannot be applied, so that no state may replace the row
     */
    boolean mergeForeign(byte[] update) {
        try {
            state.apply(update).ifPresent(foreignChanges::add);
            return true;
        } catch (MalformedUpdateException | LimitExceededException e) {
            LogSubject.document(name)
                    .log(LOG, Level.ERROR, "the document cannot apply a row that another server has stored", e);
            return false;
        }
    }

    /**
     * Applies a change that another server sends. After an unchecked exception the state is unreliable.
     *
     * @return its new part; empty for none
     */
    Optional<byte[]> applyRemote(byte[] update, Allowance allowance)
            throws MalformedUpdateException, LimitExceededException {
        Optional<byte[]> change = state.apply(update, allowance);
        change.ifPresent(foreignChanges::add);
        return change;
    }

    /** Moves the new parts of other servers to the updates of the run. */
    void moveForeignTo(ReceivedUpdates received) {
        foreignChanges.forEach(received::addWithoutAuthor);
        foreignChanges.clear();
    }

    /** Drops parked updates that have waited too long. */
    void dropParked(long nowMillis) {
        dropParkedBefore(nowMillis - MAX_PARKED_MILLIS);
    }

    /** Drops parked updates before an unload; returns whether the stored rows hold any that were dropped since the last call. */
    boolean dropParkedAtUnload(long nowMillis) {
        dropParkedBefore(nowMillis - MAX_PARKED_MILLIS_AT_UNLOAD);
        boolean mustFold = storesDropped;
        storesDropped = false;
        return mustFold;
    }

    private void dropParkedBefore(long millis) {
        if (state.hasParked()) {
            storesDropped |= state.dropParkedBefore(millis);
        }
    }

    /** Completes {@code result} with the update that a state vector lacks. It reserves output memory while it encodes. */
    void encode(byte[] stateVector, CompletableFuture<byte[]> result) {
        long bytes = state.memoryBytes();
        if (!budget.tryReserve(Budget.Share.OUTPUT, bytes)) {
            result.completeExceptionally(new StoreException(LimitBreach.MEMORY.reason()));
            return;
        }
        try {
            result.complete(state.diff(stateVector));
        } catch (MalformedUpdateException e) {
            result.completeExceptionally(new IllegalArgumentException(String.valueOf(e.getMessage()), e));
        } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
            throw e;
        } finally {
            budget.release(Budget.Share.OUTPUT, bytes);
        }
    }
}
