package dev.tutti.webhook;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The queue of webhooks in a file, so that it survives the process. Confined to the run of {@link Webhooks}.
 *
 * <pre>
 * file:   magic:8  record…
 * record: length:4  crc:4 (of the rest)  kind:1  sequence:8  [createdMillis:8  id  subject  body, of a message that was added]
 * </pre>
 *
 * Records are only appended. A crash may leave the last one unfinished: the next start cuts it off. Once the file is far larger than the messages
 * that wait, another file with these alone replaces it.
 *
 * <p>A record survives the end of the process once {@link #write} has returned, and that of the machine once {@link #sync} has. If a write fails,
 * the messages stay in memory, and the journal tries from time to time to write all of them into another file.
 */
final class WebhookJournal {
    private static final Logger LOG = System.getLogger(WebhookJournal.class.getName());

    private static final long MAGIC = 0x7475_7474_6977_6831L; // tuttiwh1
    private static final byte ADDED = 1;
    private static final byte SETTLED = 2;
    private static final int MIN_RECORD_BYTES = 1 + 8;

    /** Bytes that the file may have beside twice the messages that wait. */
    private static final long SLACK_BYTES = 1 << 20;

    private static final long RETRY_NANOS = 10_000_000_000L;

    private final Path file;
    /** Keeps other servers away; open until the end. */
    private final FileChannel lock;
    /** Open, unless a write has failed. */
    private FileChannel channel;

    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
    private boolean isDirty;
    private boolean isBroken;
    private long retryAtNanos;

    private WebhookJournal(Path file, FileChannel lock, FileChannel channel) {
        this.file = file;
        this.lock = lock;
        this.channel = channel;
    }

    /**
     * Opens the journal of a directory, and creates both if they are missing.
     *
     * @param waiting receives the messages that wait, in the order of their sequence
     * @throws IOException if it cannot be used, or another server uses it
     */
    static WebhookJournal open(Path directory, Collection<WebhookMessage> waiting) throws IOException {
        Files.createDirectories(directory);
        FileChannel lock = FileChannel.open(
                directory.resolve("webhooks.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        WebhookJournal opened = null;
        try {
            requireLock(lock);
            opened = open(directory.resolve("webhooks.queue"), lock, waiting);
            return opened;
        } finally {
            if (opened == null) {
                lock.close();
            }
        }
    }

    private static void requireLock(FileChannel channel) throws IOException {
        boolean isLocked;
        try {
            isLocked = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            isLocked = false; // by another server of this process
        }
        if (!isLocked) {
            throw new IOException("another server uses it");
        }
    }

    private static WebhookJournal open(Path file, FileChannel lock, Collection<WebhookMessage> waiting)
            throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Map<Long, WebhookMessage> messages = new LinkedHashMap<>();
        long sound = replay(channel, messages);
        if (sound == 0 && channel.size() > 0) {
            LOG.log(Level.ERROR, "the file {0} is no queue of webhooks, or damaged: it begins anew", file);
        } else if (sound < channel.size()) {
            LOG.log(Level.WARNING, "the last {0} bytes of {1} were unfinished", channel.size() - sound, file);
        }
        waiting.addAll(messages.values());
        WebhookJournal journal = new WebhookJournal(file, lock, channel);
        if (sound == 0) {
            journal.replace(List.of());
        } else {
            channel.truncate(sound).position(sound);
        }
        return journal;
    }

    /** Reads all sound records, and returns the length of the file up to their end; 0 without the magic number. */
    private static long replay(FileChannel channel, Map<Long, WebhookMessage> messages) throws IOException {
        long left = channel.size();
        DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
        if (left < Long.BYTES || in.readLong() != MAGIC) {
            return 0;
        }
        long sound = Long.BYTES;
        left -= Long.BYTES;
        while (left >= 2 * Integer.BYTES) {
            int length = in.readInt();
            int crc = in.readInt();
            left -= 2 * Integer.BYTES;
            if (length < MIN_RECORD_BYTES || length > left) {
                break;
            }
            byte[] record = in.readNBytes(length);
            if (crc(record) != crc) {
                break;
            }
            apply(record, messages);
            left -= length;
            sound += 2 * Integer.BYTES + length;
        }
        return sound;
    }

    private static void apply(byte[] record, Map<Long, WebhookMessage> messages) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(record));
        byte kind = in.readByte();
        long sequence = in.readLong();
        if (kind == ADDED) {
            long createdMillis = in.readLong();
            String id = in.readUTF();
            String subject = in.readUTF();
            messages.put(sequence, new WebhookMessage(sequence, id, subject, createdMillis, in.readAllBytes()));
        } else {
            messages.remove(sequence);
        }
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** Notes a message that waits from now on. */
    void add(WebhookMessage message) {
        buffer.writeBytes(added(message));
    }

    /** Notes that a message is delivered or dropped. */
    void settle(WebhookMessage message) {
        buffer.writeBytes(record(SETTLED, message.sequence(), out -> {}));
    }

    private static byte[] added(WebhookMessage message) {
        return record(ADDED, message.sequence(), out -> {
            out.writeLong(message.createdMillis());
            out.writeUTF(message.id());
            out.writeUTF(message.subject());
            out.write(message.body());
        });
    }

    @FunctionalInterface
    private interface Content {
        void writeTo(DataOutputStream out) throws IOException;
    }

    private static byte[] record(byte kind, long sequence, Content content) {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        try {
            DataOutputStream out = new DataOutputStream(rest);
            out.writeByte(kind);
            out.writeLong(sequence);
            content.writeTo(out);
            out = new DataOutputStream(record);
            out.writeInt(rest.size());
            out.writeInt(crc(rest.toByteArray()));
            rest.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not in memory
        }
        return record.toByteArray();
    }

    /** Writes the entries since the last call, or the whole queue if that is due. */
    void write(WebhookQueue queue, long nowNanos) {
        byte[] bytes = buffer.toByteArray();
        buffer.reset();
        if (isBroken && nowNanos - retryAtNanos < 0) {
            return;
        }
        try {
            if (isBroken || channel.position() + bytes.length > 2 * queue.bytes() + SLACK_BYTES) {
                replace(queue.all());
                isBroken = false;
            } else if (bytes.length > 0) {
                writeFully(channel, bytes);
                isDirty = true;
            }
        } catch (IOException e) {
            fail(e, nowNanos);
        }
    }

    private void fail(IOException failure, long nowNanos) {
        if (!isBroken) {
            LOG.log(
                    Level.ERROR,
                    "the file " + file
                            + " cannot be written: the end of this process would lose the events that wait for their receiver",
                    failure);
        }
        isBroken = true;
        retryAtNanos = nowNanos + RETRY_NANOS;
    }

    private static void writeFully(FileChannel to, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            to.write(left);
        }
    }

    /** Replaces the file by one with these messages alone. After a crash either of them exists. */
    private void replace(List<WebhookMessage> messages) throws IOException {
        Path next = file.resolveSibling("webhooks.queue.new");
        FileChannel replacing = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        boolean isReplaced = false;
        try {
            writeFully(replacing, ByteBuffer.allocate(Long.BYTES).putLong(MAGIC).array());
            for (WebhookMessage message : messages) {
                writeFully(replacing, added(message));
            }
            replacing.force(true);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            isReplaced = true;
        } finally {
            if (isReplaced) {
                channel.close();
                channel = replacing;
                isDirty = false;
            } else {
                replacing.close();
            }
        }
    }

    /** Returns whether {@link #sync} has something to do. */
    boolean isDirty() {
        return isDirty;
    }

    /** Makes all writes so far survive the end of the machine. */
    void sync(long nowNanos) {
        if (!isDirty || isBroken) {
            return;
        }
        try {
            channel.force(false);
            isDirty = false;
        } catch (IOException e) {
            fail(e, nowNanos);
        }
    }

    /** Syncs and closes the file. */
    void close(long nowNanos) {
        sync(nowNanos);
        try {
            channel.close();
            lock.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the file " + file + " cannot be closed", e);
        }
    }
}
