package dev.tutti.document;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Budget.Quota;

/**
 * The memory that a live document holds of the budget. The address that opened the document is charged for its stored state, and each
 * author's address for the growth by its updates. Confined to the load until it ends, then to the document's run.
 */
final class DocumentMemory {
    private final Reservations reservations;
    private Quota opener;

    DocumentMemory(Budget budget) {
        this.reservations = new Reservations(budget, Budget.Share.DOCUMENTS);
        this.opener = budget.quota("");
    }

    /** Sets the address that is charged for the stored state; before the load. */
    void setOpener(Quota quota) {
        opener = quota;
    }

    /** Reserves memory up to {@code totalBytes} for the opener; false if there is not enough. */
    boolean tryReserve(long totalBytes) {
        long held = reservations.bytes();
        return totalBytes <= held || reservations.tryAdd(opener, totalBytes - held);
    }

    /** Sets the bytes that the document takes, and charges an author for their growth. */
    void resize(Quota author, long totalBytes) {
        reservations.resize(author, totalBytes);
    }

    /** Sets the bytes that the document takes, and charges the opener for their growth. */
    void resize(long totalBytes) {
        reservations.resize(opener, totalBytes);
    }

    /** Releases all. */
    void clear() {
        reservations.clear();
    }
}
