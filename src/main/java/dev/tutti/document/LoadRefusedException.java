package dev.tutti.document;

/** The caller of a load has no memory for the rows of the document; the store has not read them. */
public final class LoadRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes one for rows of so many bytes. */
    public LoadRefusedException(long bytes) {
        super("the stored document has " + bytes + " bytes");
    }
}
