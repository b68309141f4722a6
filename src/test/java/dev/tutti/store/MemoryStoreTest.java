package dev.tutti.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.MemoryStore;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends DocumentStoreContract {
    @Override
    public DocumentStore open() {
        return new MemoryStore(clock::get);
    }

    @Test
    void countedMemoryMatchesUsedHeap() {
        MemoryStore measured = new MemoryStore();
        long before = usedBytes();
        for (int i = 0; i < 20_000; i++) {
            for (int row = 0; row <= i % 3; row++) {
                await(measured.append("document-" + i, new byte[24]));
            }
        }
        long used = usedBytes() - before;
        assertThat(measured.memoryBytes()).isBetween(used * 8 / 10, used * 14 / 10);
        for (int i = 0; i < 20_000; i++) {
            await(replaceAll(measured, "document-" + i, new byte[10]));
            await(measured.delete("document-" + i));
        }
        assertThat(measured.memoryBytes()).isZero();
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
