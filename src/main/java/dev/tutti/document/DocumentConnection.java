package dev.tutti.document;

/** What a connection says of documents. Safe for any thread, but one message at a time. */
public interface DocumentConnection {
    /** Takes a whole message; one that the client cannot mean, or that goes over a limit, closes it. */
    void receive(byte[] message);

    /** The client closes its connection in all form: who it announced is gone at once, and not only after a while. */
    void sayGoodbye();
}
