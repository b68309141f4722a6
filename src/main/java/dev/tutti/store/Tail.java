package dev.tutti.store;

import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Which updates of a document have come since its state. Immutable: of the array, only the first {@code count} numbers are looked at, and one
 * that grew out of this may have written behind them.
 *
 * @param sequences of the entries in the journal, ascending
 * @param bytes of all updates together
 * @param millis when the last was made
 */
@SuppressWarnings("ArrayRecordComponent") // tails are not compared
record Tail(long[] sequences, int count, long bytes, long millis) {
    static final Tail NONE = new Tail(new long[0], 0, 0, 0);

    /** Returns this with one more; only of the newest tail of a document, by one thread at a time. */
    Tail plus(Entry.Head head) {
        long[] more =
                count < sequences.length ? sequences : Arrays.copyOf(sequences, count < 2 ? count + 1 : 2 * count);
        more[count] = head.sequence();
        return new Tail(more, count + 1, bytes + head.contentLength(), head.millis());
    }

    LongStream ids() {
        return Arrays.stream(sequences, 0, count);
    }

    long last() {
        return sequences[count - 1];
    }
}
