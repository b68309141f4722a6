package dev.tutti.document;

import dev.tutti.hub.Attachment;
import dev.tutti.hub.Client;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The documents that a client has open, by what it calls them. Safe for any thread. */
public final class OpenDocuments implements Attachment {
    private final Client client;

    // Guarded by this.
    private final Map<String, Participant> participants = new HashMap<>(1);
    private boolean gone;

    /** Has no document yet; the caller attaches this, or calls it as an attachment of its own. */
    public OpenDocuments(Client client) {
        this.client = client;
    }

    /** Adds a document that was opened; one that is opened as the client goes is left at once. */
    public void add(String key, Participant participant) {
        synchronized (this) {
            if (!gone) {
                participants.put(key, participant);
                return;
            }
        }
        participant.leave();
    }

    /** Returns the document that a client knows by a key; null if it is not open. */
    public synchronized @Nullable Participant get(String key) {
        return participants.get(key);
    }

    /** Returns how many documents are open. */
    public synchronized int size() {
        return participants.size();
    }

    /** Puts a document away; nothing happens if it is not open. */
    public void leave(String key) {
        Participant participant;
        synchronized (this) {
            participant = participants.remove(key);
        }
        if (participant != null) {
            participant.closedCleanly();
            participant.leave();
        }
    }

    /** The client closes its connection in all form. */
    public void closedCleanly() {
        all().forEach(Participant::closedCleanly);
    }

    @Override
    public void gone() {
        List<Participant> left;
        synchronized (this) {
            gone = true;
            left = List.copyOf(participants.values());
            participants.clear();
        }
        left.forEach(Participant::leave);
    }

    @Override
    public void drained() {
        List<Participant> all = all();
        all.forEach(Participant::fallBehind);
        client.resume(); // once for all: something may be dropped again at once, and is then reported again
        all.forEach(Participant::catchUp);
    }

    private synchronized List<Participant> all() {
        return List.copyOf(participants.values());
    }
}
