package dev.tutti.protocol.tuttiv1;

import dev.tutti.protocol.SizeLimit;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The requests of one text frame, one on each line, at least one. Immutable.
 *
 * <p>An iteration reads a line when it gets there: a client that is closed for its first requests costs nothing for the rest.
 */
public final class Requests implements Iterable<Request> {
    private static final char SEPARATOR = '\n';

    private final String frame;
    private final SizeLimit limit;

    /** Makes the requests of a frame. A frame over the limit is one {@link Request.TooLarge}. */
    public Requests(String frame, SizeLimit limit) {
        this.frame = frame;
        this.limit = limit;
    }

    /** Returns the length of the frame in UTF-16 units, a lower bound of its bytes. */
    int length() {
        return frame.length();
    }

    /** Returns the number of requests; of a frame over the limit, maybe more. */
    int count() {
        return 1 + (int) frame.chars().filter(c -> c == SEPARATOR).count();
    }

    @Override
    public Iterator<Request> iterator() {
        String tooLarge = limit.refusal(frame);
        Request refused = tooLarge == null ? null : new Request.TooLarge(tooLarge);
        return new Iterator<>() {
            /** The start of the next line; past the end of the frame if there is none. */
            private int start;

            @Override
            public boolean hasNext() {
                return start <= frame.length();
            }

            @Override
            public Request next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                if (refused != null) {
                    start = frame.length() + 1;
                    return refused;
                }
                int separator = frame.indexOf(SEPARATOR, start);
                int end = separator < 0 ? frame.length() : separator;
                Request request = RequestReader.read(frame.substring(start, end));
                start = end + 1;
                return request;
            }
        };
    }
}
