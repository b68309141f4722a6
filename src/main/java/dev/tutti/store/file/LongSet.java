package dev.tutti.store.file;

import java.util.Arrays;

/** A hash set of positive numbers without boxes: about 16 bytes for each. Confined to one thread. */
final class LongSet {
    private static final long REMOVED = -1;

    private long[] slots = new long[64];
    /** Slots of numbers and of removed numbers. */
    private int used;

    private int size;

    void add(long number) {
        if (3 * (used + 1) > 2 * slots.length) {
            rehash();
        }
        int slot = slotOf(number);
        if (slots[slot] == 0) {
            slots[slot] = number;
            used++;
            size++;
        }
    }

    boolean contains(long number) {
        return number > 0 && slots[slotOf(number)] == number;
    }

    /** Removes a number. Returns whether the set contained it. */
    boolean remove(long number) {
        int slot = slotOf(number);
        if (slots[slot] != number) {
            return false;
        }
        slots[slot] = REMOVED;
        size--;
        return true;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Returns the slot of a number, or the empty slot that ends the search. */
    private int slotOf(long number) {
        int mask = slots.length - 1;
        int slot = (int) ((number * 0x9E37_79B9_7F4A_7C15L) >>> 32) & mask;
        while (slots[slot] != 0 && slots[slot] != number) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void rehash() {
        long[] old = slots;
        slots = new long[3 * (size + 1) > slots.length ? 2 * old.length : old.length];
        used = size;
        Arrays.stream(old).filter(number -> number > 0).forEach(number -> slots[slotOf(number)] = number);
    }
}
