package dev.tutti.store.file;

import java.nio.ByteBuffer;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;
import org.h2.mvstore.type.DataType;

/**
 * A type of keys or values whose memory MVStore measures for each value. Immutable.
 *
 * <p>By default, MVStore estimates the memory of a value from earlier ones. After a thousand small updates it counts an update of 4 MB as a
 * small one, and its cache of 16 MiB then holds hundreds of megabytes.
 */
final class ExactMemoryType<T> extends BasicDataType<T> {
    private final DataType<T> type;

    ExactMemoryType(DataType<T> type) {
        this.type = type;
    }

    @Override
    public boolean isMemoryEstimationAllowed() {
        return false;
    }

    @Override
    public int getMemory(T value) {
        return type.getMemory(value);
    }

    @Override
    public void write(WriteBuffer buffer, T value) {
        type.write(buffer, value);
    }

    @Override
    public T read(ByteBuffer buffer) {
        return type.read(buffer);
    }

    @Override
    public T[] createStorage(int size) {
        return type.createStorage(size);
    }

    @Override
    public int compare(T one, T other) {
        return type.compare(one, other);
    }

    @Override
    public int binarySearch(T key, Object storage, int size, int initialGuess) {
        return type.binarySearch(key, storage, size, initialGuess);
    }
}
