package dev.tutti.store.file;

/**
 * A record of a volume: an update, a state, a tombstone, or a piece of a large content. Immutable.
 *
 * @param content the update, the state or the piece; empty for a tombstone
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Entry(Header header, byte[] content) {
    /** The kinds of entries. */
    enum Kind {
        /** One more update. */
        UPDATE(1),
        /** An update that replaces all entries before it. */
        STATE(2),
        /** A deletion, which replaces all entries before it by nothing. */
        TOMBSTONE(3),
        /** A part of a large update or state, stored apart; see {@link Pieces}. */
        PIECE(4);

        /** The kind in a file. */
        final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }

        static Kind of(byte code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("no kind of entry: " + code);
        }
    }

    /**
     * An entry without its content. Immutable.
     *
     * @param sequence greater than that of any earlier entry of any document; of a piece, the sequence of its entry
     * @param previous the sequence of the document's entry before this, 0 for the first; of a piece, its number
     * @param millis the time of the write, in milliseconds since 1970
     */
    record Header(
            Kind kind, String name, long sequence, long previous, long millis, int contentLength, int contentCrc) {}
}
