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
    private final Map<String, DocumentMember> members = new HashMap<>(1);
    private boolean gone;

    /** Has no document yet; the caller attaches this, or calls it as an attachment of its own. */
    public OpenDocuments(Client client) {
        this.client = client;
    }

    /** Adds a document that was opened; one that is opened as the client goes is left at once. */
    public void add(String key, DocumentMember member) {
        synchronized (this) {
            if (!gone) {
                members.put(key, member);
                return;
            }
        }
        member.leave();
    }

    /** Returns the document that a client knows by a key; null if it is not open. */
    public synchronized @Nullable DocumentMember get(String key) {
        return members.get(key);
    }

    /** Returns how many documents are open. */
    public synchronized int size() {
        return members.size();
    }

    /** Puts a document away; nothing happens if it is not open. */
    public void leave(String key) {
        DocumentMember member;
        synchronized (this) {
            member = members.remove(key);
        }
        if (member != null) {
            member.closedCleanly();
            member.leave();
        }
    }

    /** The client closes its connection in all form. */
    public void closedCleanly() {
        all().forEach(DocumentMember::closedCleanly);
    }

    @Override
    public void gone() {
        List<DocumentMember> left;
        synchronized (this) {
            gone = true;
            left = List.copyOf(members.values());
            members.clear();
        }
        left.forEach(DocumentMember::leave);
    }

    @Override
    public void drained() {
        List<DocumentMember> all = all();
        all.forEach(DocumentMember::fallBehind);
        client.resume(); // once for all: something may be dropped again at once, and is then reported again
        all.forEach(DocumentMember::catchUp);
    }

    private synchronized List<DocumentMember> all() {
        return List.copyOf(members.values());
    }
}
