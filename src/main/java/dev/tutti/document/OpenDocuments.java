package dev.tutti.document;

import dev.tutti.hub.Attachment;
import dev.tutti.hub.Client;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The documents that one client has open, by the client's key of each. Safe for any thread. */
public final class OpenDocuments implements Attachment {
    private final Client client;

    // Guarded by this.
    private final Map<String, DocumentMember> members = new HashMap<>(1);
    private boolean isClosed;

    /** Has no document yet. The caller attaches this to the client, or calls it from an attachment of its own. */
    public OpenDocuments(Client client) {
        this.client = client;
    }

    /** Adds an opened document; leaves it at once if the client has closed meanwhile. */
    public void add(String key, DocumentMember member) {
        synchronized (this) {
            if (!isClosed) {
                members.put(key, member);
                return;
            }
        }
        member.leave();
    }

    /** Returns the client's membership in a document; null if the document is not open. */
    public synchronized @Nullable DocumentMember get(String key) {
        return members.get(key);
    }

    /** Returns the number of open documents. */
    public synchronized int size() {
        return members.size();
    }

    /** Closes a document cleanly; does nothing if it is not open. */
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

    /** Notes that the client closes its connection cleanly. */
    public void closedCleanly() {
        all().forEach(DocumentMember::closedCleanly);
    }

    @Override
    public void clientClosed() {
        List<DocumentMember> open;
        synchronized (this) {
            isClosed = true;
            open = List.copyOf(members.values());
            members.clear();
        }
        open.forEach(DocumentMember::leave);
    }

    @Override
    public void drained() {
        List<DocumentMember> open = all();
        open.forEach(DocumentMember::markBehind);
        client.resume(); // once for all documents: new drops may follow at once, and are reported again
        open.forEach(DocumentMember::outboxResumed);
    }

    private synchronized List<DocumentMember> all() {
        return List.copyOf(members.values());
    }
}
