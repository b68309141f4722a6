package dev.tutti.hub;

/** How a kind of client wants publications on the wire. Stateless; one instance for all clients of its kind. */
@FunctionalInterface
public interface Protocol {
    /** {@code /ws}: a frame holds the publication's JSON string and nothing else. */
    Protocol PLAIN = publication -> Frame.text(publication.data());

    /** Returns the frame that says this; called once for each publication, whatever the number of clients. */
    Frame encode(Publication publication);
}
