package dev.tutti.document;

import dev.tutti.hub.Attachment;
import dev.tutti.hub.Client;
import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import dev.tutti.security.Revocations;
import dev.tutti.security.Rights;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The documents that one client has open, by the client's key of each. Safe for any thread. */
public final class OpenDocuments implements Attachment {
    /** Ends the membership of a client in a document that its present rights do not allow; called on any thread, under no lock. */
    @FunctionalInterface
    public interface Loss {
        /**
         * Closes the document, and tells the client.
         *
         * @param mayReopen whether the client may open it again at once, with its present rights
         */
        void close(String key, String reason, boolean mayReopen);
    }

    private final Client client;
    private final Loss loss;

    // Guarded by this.
    private final Map<String, DocumentMember> members = new HashMap<>(1);
    private boolean isClosed;

    /** Has no document yet. The caller attaches this to the client, or calls it from an attachment of its own. */
    public OpenDocuments(Client client, Loss loss) {
        this.client = client;
        this.loss = loss;
    }

    /** Adds an opened document; leaves it at once if the client has closed meanwhile. */
    public void add(String key, DocumentMember member) {
        boolean isLate;
        synchronized (this) {
            isLate = isClosed;
            if (!isLate) {
                members.put(key, member);
            }
        }
        if (isLate) {
            member.leave();
        } else if (member.mayHaveOldRights()) {
            // the change of rights may have come before this member was listed
            CompletionStage<?> unknown = member.prepareRights();
            if (unknown == null) {
                reauthorize(key, member);
            } else {
                var unused = unknown.thenRun(() -> reauthorizePresent(key, member));
            }
        }
    }

    private void reauthorizePresent(String key, DocumentMember member) {
        if (get(key) == member) {
            reauthorize(key, member);
        }
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
    public @Nullable CompletionStage<?> prepareRights() {
        return Access.all(all().stream().map(DocumentMember::prepareRights));
    }

    @Override
    public void rightsChanged() {
        Map<String, DocumentMember> present;
        synchronized (this) {
            present = Map.copyOf(members);
        }
        present.forEach(this::reauthorize);
    }

    private void reauthorize(String key, DocumentMember member) {
        if (member.access().isRevoked()) {
            loss.close(key, Revocations.REVOKED, false);
            return;
        }
        closeIfLost(key, member.reauthorize());
    }

    /**
     * Gives the membership in a document another access, and the client its scope; ends it if that does not allow it.
     *
     * @return whether the document is still open
     */
    public boolean reauthorize(String key, DocumentMember member, Access access) {
        return !closeIfLost(key, member.reauthorize(access));
    }

    private boolean closeIfLost(String key, Rights.Change change) {
        switch (change) {
            case STAYS -> {}
            case MUST_REENTER -> loss.close(key, "the rights of this user on this document have changed", true);
            case MUST_LEAVE -> loss.close(key, "this user may no longer open this document", false);
        }
        return change != Rights.Change.STAYS;
    }

    @Override
    public boolean hasIdentity(Predicate<Identity> who) {
        return all().stream().anyMatch(member -> who.test(member.access().identity()));
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
