package dev.tutti.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.store.fs.FileBase;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/** Files of MVStore, named {@code faulty:path}, with injected failures of writes and syncs. Safe for any thread. */
public final class FaultyFiles extends FilePathWrapper {
    static final String SCHEME = "faulty:";

    /** Bytes that may still be written; negative for any number. */
    static volatile long room = -1;

    /** Number of the next syncs that fail. */
    static final AtomicInteger FAILING_SYNCS = new AtomicInteger();

    /** Number of the next writes that run out of memory. */
    static final AtomicInteger FAILING_ALLOCATIONS = new AtomicInteger();

    /** Bytes that were read. */
    static final AtomicLong READ_BYTES = new AtomicLong();

    /** Bytes that were written. */
    static final AtomicLong WRITTEN_BYTES = new AtomicLong();

    /** Number of successful syncs. */
    static final AtomicLong SYNCS = new AtomicLong();

    /** Whether only unfinished volumes, which will replace another, fail. */
    static volatile boolean onlyNewFiles;

    /** Number of unfinished volumes that were opened. */
    static final AtomicInteger NEW_FILES = new AtomicInteger();

    /** Creates a prototype; MVStore creates one for each name. */
    public FaultyFiles() {}

    static void register() {
        room = -1;
        FAILING_SYNCS.set(0);
        FAILING_ALLOCATIONS.set(0);
        onlyNewFiles = false;
        NEW_FILES.set(0);
        FilePath.register(new FaultyFiles());
    }

    @Override
    public String getScheme() {
        return "faulty";
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        boolean isNew = Path.of(getBase().toString()).toString().endsWith(".new");
        if (isNew) {
            NEW_FILES.incrementAndGet();
        }
        return new Faulty(super.open(mode), isNew);
    }

    private static final class Faulty extends FileBase {
        private final FileChannel file;
        private final boolean isNew;

        Faulty(FileChannel file, boolean isNew) {
            this.file = file;
            this.isNew = isNew;
        }

        private boolean isSound() {
            return onlyNewFiles && !isNew;
        }

        private static boolean fails(AtomicInteger failures) {
            return failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        }

        @Override
        public synchronized int write(ByteBuffer source, long position) throws IOException {
            WRITTEN_BYTES.addAndGet(source.remaining());
            if (isSound()) {
                return file.write(source, position);
            }
            if (fails(FAILING_ALLOCATIONS)) {
                throw new OutOfMemoryError("injected");
            }
            long left = room;
            if (left < 0 || source.remaining() <= left) {
                room = left < 0 ? left : left - source.remaining();
                return file.write(source, position);
            }
            room = 0;
            ByteBuffer part = source.duplicate().limit(source.position() + (int) left);
            file.write(part, position);
            throw new IOException("No space left on device");
        }

        @Override
        public void force(boolean metaData) throws IOException {
            if (!isSound() && fails(FAILING_SYNCS)) {
                throw new IOException("Input/output error");
            }
            file.force(metaData);
            SYNCS.incrementAndGet();
        }

        @Override
        public synchronized int read(ByteBuffer target, long position) throws IOException {
            READ_BYTES.addAndGet(target.remaining());
            return file.read(target, position);
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return file.read(target);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            return file.write(source);
        }

        @Override
        public long position() throws IOException {
            return file.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            file.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            file.truncate(size);
            return this;
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return file.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }
    }
}
