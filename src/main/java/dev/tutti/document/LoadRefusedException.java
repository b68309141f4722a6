package dev.tutti.document;

/** The caller of a load has not enough memory for the rows; the store has not read them. */
public final class LoadRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Refuses rows of {@code bytes} bytes. */
    public LoadRefusedException(long bytes) {
        super("the stored document has " + bytes + " bytes");
    }
}
