package dev.tutti.yjs;

import dev.tutti.yjs.lib0.MalformedUpdateException;

/** The kind of a struct. */
enum Kind {
    /** Deleted together with its parent; has no position any more. */
    GC(0),
    /** Deleted; keeps its position. */
    DELETED(1),
    JSON(2),
    BINARY(3),
    STRING(4),
    EMBED(5),
    FORMAT(6),
    TYPE(7),
    ANY(8),
    DOC(9),
    /** A gap between structs. */
    SKIP(10);

    /** The bits of a struct's first byte that hold the number. */
    private static final int MASK = 0x1F;

    private static final Kind[] BY_NUMBER = new Kind[11];

    static {
        for (Kind kind : values()) {
            BY_NUMBER[kind.number] = kind;
        }
    }

    private final int number;

    Kind(int number) {
        this.number = number;
    }

    /** Returns the kind in a struct's first byte. */
    static Kind of(int info) throws MalformedUpdateException {
        int number = info & MASK;
        if (number >= BY_NUMBER.length) {
            throw new MalformedUpdateException("a struct of no known kind");
        }
        return BY_NUMBER[number];
    }

    int number() {
        return number;
    }

    /** Returns whether the struct has neighbours, a parent and content. */
    boolean isItem() {
        return this != GC && this != SKIP;
    }

    /** Returns whether the struct has no content but a length. */
    boolean isHollow() {
        return this == GC || this == DELETED || this == SKIP;
    }

    boolean isDeleted() {
        return this == GC || this == DELETED;
    }

    /** Returns whether the struct may have more than one unit of content. */
    boolean isSequence() {
        return this == STRING || this == ANY || this == JSON;
    }
}
