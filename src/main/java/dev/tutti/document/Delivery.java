package dev.tutti.document;

import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Faults;
import dev.tutti.hub.Frame;
import dev.tutti.yjs.UpdateIds;
import java.lang.System.Logger;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Broadcasts the changes of a run, and acknowledges updates to their authors once they are stored. Confined to the document's run.
 *
 * <p>In some protocols an update that its author receives acknowledges itself. So an author receives the others' changes of a run with the
 * broadcast, and its own only after they are stored.
 */
final class Delivery {
    private static final Logger LOG = System.getLogger(Delivery.class.getName());

    private final String name;
    private final Set<DocumentMember> members;
    private final SyncReplies replies;
    private final Persistence persistence;
    private final Consumer<DocumentMember> serve;
    private final RunDeliveries deliveries;

    /** @param serve sends a member its waiting replies */
    Delivery(
            String name,
            Set<DocumentMember> members,
            SyncReplies replies,
            Persistence persistence,
            Consumer<DocumentMember> serve,
            DocumentMetrics metrics) {
        this.name = name;
        this.members = members;
        this.replies = replies;
        this.persistence = persistence;
        this.serve = serve;
        this.deliveries = new RunDeliveries(metrics);
    }

    /**
     * Sends the changes of a run to all members that are not behind.
     *
     * @param awareness null if no awareness state has changed
     * @param isStored whether all changes are stored already
     */
    void broadcast(ReceivedUpdates received, byte @Nullable [] awareness, boolean isStored) {
        Broadcast updateOnly = new Broadcast(received.changes(), null);
        Broadcast all = awareness == null ? updateOnly : new Broadcast(received.changes(), awareness);
        for (DocumentMember member : members) {
            if (!member.catchUp().isBehind()) {
                boolean isIntroduced = member.awareness().isIntroduced;
                boolean isUnstoredAuthor = !isStored && received.isFrom(member);
                guard(member, () -> {
                    Broadcast broadcast = isIntroduced ? all : updateOnly;
                    if (isUnstoredAuthor) {
                        broadcast = new Broadcast(received.changesOfOthers(member), isIntroduced ? awareness : null);
                    }
                    send(member, broadcast);
                });
            }
        }
        deliveries.report();
    }

    private void send(DocumentMember member, Broadcast broadcast) {
        Batch batch = broadcast.batch(member.protocol());
        if (batch != null) {
            member.client().deliver(batch);
            deliveries.add(member.client().protocol(), batch, broadcast.hasUpdate());
        }
    }

    /** Acknowledges the updates of a run, after its broadcast: now if they are stored, else in the run that finds them stored. */
    void acknowledge(ReceivedUpdates received, boolean isStored) {
        received.forEach((author, updates) -> {
            author.catchUp().endAuthorship();
            if (!author.protocol().updateIsAcknowledgement()) {
                acknowledgeEach(author, updates);
            } else if (isStored) {
                acknowledgeKnown(author, updates);
            } else {
                acknowledgeWhenStored(author, updates);
            }
            serve.accept(author);
        });
    }

    private void acknowledgeEach(DocumentMember author, ReceivedUpdates.OfMember updates) {
        List<Frame> frames =
                updates.updates().stream().map(author.protocol()::stored).toList();
        persistence.reserve(author.client().usage().quota(), frames.size() * (long) SyncReplies.REPLY_BYTES);
        whenStored(author, () -> replies.reply(author, frames));
    }

    /** Acknowledges the updates without a new part; the broadcast has acknowledged the others. */
    private static void acknowledgeKnown(DocumentMember author, ReceivedUpdates.OfMember updates) {
        byte[] known = updates.known();
        if (known != null) {
            author.client().send(author.protocol().stored(known));
        }
    }

    /** Keeps small updates until they are stored; of large ones only the ids, from which the document encodes them again. */
    private void acknowledgeWhenStored(DocumentMember author, ReceivedUpdates.OfMember updates) {
        byte[] small = updates.small();
        List<UpdateIds> large = updates.large();
        persistence.reserve(
                author.client().usage().quota(),
                (small == null ? 0 : small.length)
                        + large.stream().mapToLong(UpdateIds::memoryBytes).sum());
        author.catchUp().awaitAcknowledgement();
        whenStored(author, () -> {
            author.catchUp().acknowledged();
            author.storedLarge.addAll(large);
            if (small != null && !author.catchUp().isBehind()) {
                author.client().send(author.protocol().stored(small));
            }
            serve.accept(author);
        });
    }

    /** Runs a receipt of a member once all changes so far are stored; at once if they are. */
    void whenStored(DocumentMember member, Runnable receipt) {
        persistence.whenStored(() -> guard(member, receipt));
    }

    /** Sends something to a member; a failure closes this member alone, because it would miss something. */
    private void guard(DocumentMember member, Runnable send) {
        try {
            send.run();
        } catch (RuntimeException | Error e) {
            Faults.report(LOG, member.client().subject().withDocument(name), "a member cannot be served", e);
            member.client().close(CloseCode.TRY_LATER, SharedDocument.FAILED);
        }
    }
}
