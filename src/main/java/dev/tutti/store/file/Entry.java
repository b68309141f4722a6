package dev.tutti.store.file;

/**
 * A piece of what is kept of a document. Immutable.
 *
 * @param header what it is
 * @param content the update, the state, or nothing
 */
@SuppressWarnings("ArrayRecordComponent") // entries are not compared
record Entry(Header header, byte[] content) {
    /** What an entry is. */
    enum Kind {
        /** One more update. */
        UPDATE(1),
        /** An update in the place of all that came before. */
        STATE(2),
        /** Nothing in the place of all that came before. */
        TOMBSTONE(3),
        /** A part of a large update or state; see {@link Pieces}. */
        PIECE(4);

        /** How it is written. */
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
     * What is known of an entry without its content. Immutable.
     *
     * @param sequence greater than that of all entries that were made before it, of any document; of a piece, that of its entry
     * @param previous the sequence of the entry that is the one before of the same document, 0 if this is the first; of a piece, its number
     * @param millis when it was made, since 1970
     */
    record Header(Kind kind, String name, long sequence, long previous, long millis, int contentLength, int contentCrc) {}
}
