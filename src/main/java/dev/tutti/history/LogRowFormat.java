package dev.tutti.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.document.StoreException;
import dev.tutti.history.LogRow.Keyed;
import dev.tutti.hub.Publication;
import dev.tutti.hub.Sender;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads rows as bytes. Stateless.
 *
 * <pre>
 * row         = version:byte isState:boolean serial:long epoch:text epochs first:long count:int publication*
 * epochs      = count:int (epoch:text last:long)*
 * publication = time:long from data:text key
 * from, key   = false | true text; a sender has two texts, client and user
 * text        = length:int UTF-8
 * </pre>
 */
final class LogRowFormat {
    private static final int VERSION = 1;

    /** About the bytes of a publication beside its texts. */
    private static final int PUBLICATION_BYTES = 32;

    private LogRowFormat() {}

    static byte[] encode(LogRow row) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(
                PUBLICATION_BYTES * (2 + row.publications().size()));
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeBoolean(row.isState());
            out.writeLong(row.serial());
            text(out, row.epoch());
            out.writeInt(row.endedEpochs().size());
            for (Map.Entry<String, Long> ended : row.endedEpochs().entrySet()) {
                text(out, ended.getKey());
                out.writeLong(ended.getValue());
            }
            out.writeLong(row.first());
            out.writeInt(row.publications().size());
            for (Keyed keyed : row.publications()) {
                publication(out, keyed);
            }
        } catch (IOException e) {
            throw new AssertionError("an array takes all bytes", e);
        }
        return bytes.toByteArray();
    }

    private static void publication(DataOutputStream out, Keyed keyed) throws IOException {
        Publication publication = keyed.publication();
        out.writeLong(publication.timeMillis());
        Sender from = publication.from();
        out.writeBoolean(from != null);
        if (from != null) {
            text(out, from.client());
            text(out, from.user());
        }
        text(out, publication.data());
        out.writeBoolean(keyed.key() != null);
        if (keyed.key() != null) {
            text(out, keyed.key());
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    /**
     * Reads a row.
     *
     * @throws IOException if the bytes are no row
     * @throws StoreException if a later version of Tutti wrote the row
     */
    static LogRow decode(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        int version = in.readByte();
        if (version > VERSION) {
            throw new StoreException("the history was stored by a later version of Tutti");
        }
        if (version != VERSION) {
            throw new IOException("a row of version " + version);
        }
        boolean isState = in.readBoolean();
        long serial = in.readLong();
        String epoch = text(in);
        Map<String, Long> ended = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            ended.put(text(in), in.readLong());
        }
        long first = in.readLong();
        int count = in.readInt();
        List<Keyed> publications = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            publications.add(publication(in, first + i));
        }
        return new LogRow(isState, serial, epoch, ended, first, publications);
    }

    private static Keyed publication(DataInputStream in, long offset) throws IOException {
        long timeMillis = in.readLong();
        Sender from = in.readBoolean() ? new Sender(text(in), text(in)) : null;
        String data = text(in);
        @Nullable String key = in.readBoolean() ? text(in) : null;
        return new Keyed(new Publication(offset, timeMillis, from, data), key);
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("a text of " + length + " bytes");
        }
        return new String(in.readNBytes(length), UTF_8);
    }
}
