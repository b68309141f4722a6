package dev.tutti.yjs.lib0;

/** The type bytes with which lib0's {@code any} values begin. */
public final class Any {
    static final int UNDEFINED = 127;
    static final int NULL = 126;
    public static final int INTEGER = 125;
    static final int FLOAT32 = 124;
    static final int FLOAT64 = 123;
    static final int BIGINT = 122;
    static final int FALSE = 121;
    static final int TRUE = 120;
    static final int STRING = 119;
    public static final int OBJECT = 118;
    public static final int ARRAY = 117;
    static final int BYTES = 116;

    private Any() {}
}
