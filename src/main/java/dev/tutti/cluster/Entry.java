package dev.tutti.cluster;

import dev.tutti.hub.Draft;
import dev.tutti.hub.Publication;
import dev.tutti.hub.Sender;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A publication in the stream and on the channel of its room. Immutable.
 *
 * @param key as {@link Draft#key}
 * @param atMillis when it was appended, by the clock of Redis
 */
record Entry(Publication publication, @Nullable String key, long atMillis) {
    /** The version of {@link #encode}. */
    private static final String VERSION = "1";

    /** Bytes of the objects around an entry with a key. */
    private static final int KEY_OVERHEAD_BYTES = 64;

    long offset() {
        return publication.offset();
    }

    /** Returns the fields of a draft: the part that the appending server knows. Scripts do not read them. */
    static byte[] encode(Draft draft) {
        Sender from = draft.from();
        return Fields.encode(Arrays.asList(
                VERSION,
                Long.toString(draft.timeMillis()),
                from == null ? null : from.client(),
                from == null ? null : from.user(),
                draft.key(),
                draft.data()));
    }

    /** @throws FormatException if this version does not understand the bytes */
    static Entry decode(byte[] encoded, long offset, long atMillis) {
        Fields fields = new Fields(encoded);
        String version = fields.text();
        if (!version.equals(VERSION)) {
            throw new FormatException("a publication of version " + version);
        }
        long timeMillis = fields.number();
        String client = fields.textOrNull();
        String user = fields.textOrNull();
        Sender from = client == null || user == null ? null : new Sender(client, user);
        String key = fields.textOrNull();
        return new Entry(new Publication(offset, timeMillis, from, fields.text()), key, atMillis);
    }

    /** Returns the bytes that count in a room's history, with those of the key. */
    static int historyBytes(Draft draft) {
        String key = draft.key();
        return draft.bytes() + (key == null ? 0 : KEY_OVERHEAD_BYTES + 2 * key.length());
    }
}
