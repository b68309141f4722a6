package dev.tutti.document;

/** A copy of the document on another server, as this server knows it. Confined to the document's run. */
final class Peer {
    final long origin;

    /** Identifies the copy to the state, which counts parked structs for each contributor; negative. */
    final long contributor;

    /** This server lacks changes of the copy, or other changes that the copy has. */
    private boolean isBehind = true;

    /** Of the missing changes, the highest number; 0 if none is known. */
    private long lastMissing;

    /** Time of the last message. */
    long heardNanos;

    /** The copy has ended, and its awareness ends at {@link #endNanos}. */
    boolean hasLeft;

    long endNanos;

    /** Number of the next change. */
    private long next = 1;

    Peer(long origin, long contributor) {
        this.origin = origin;
        this.contributor = contributor;
    }

    /**
     * Notes a message of the copy.
     *
     * @param last number of its last change
     * @param hasChange whether the message is this change
     * @return whether changes before it are missing
     */
    boolean note(long last, boolean hasChange) {
        long before = last - (hasChange ? 1 : 0);
        boolean isGap = before >= next;
        if (isGap) {
            lacks(before);
        }
        next = Math.max(next, last + 1);
        return isGap;
    }

    /** Changes up to a number are missing. */
    void lacks(long upTo) {
        isBehind = true;
        lastMissing = Math.max(lastMissing, upTo);
    }

    /** Changes may be missing, with any numbers. */
    void mayLack() {
        isBehind = true;
    }

    /** The copy has only what the store has. */
    void lacksNothing() {
        isBehind = false;
    }

    /** The copy has answered with all that it had at its change of the number {@code last}. */
    void answered(long last) {
        isBehind = lastMissing > last;
    }

    /** Returns whether this server may lack changes up to the last one, of the number {@code last}. */
    boolean lacksAny(long last) {
        return isBehind || next <= last;
    }

    boolean isBehind() {
        return isBehind;
    }
}
