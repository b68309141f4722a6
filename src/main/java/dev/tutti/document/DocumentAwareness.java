package dev.tutti.document;

import dev.tutti.yjs.Awareness;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A document's awareness: the states of its users, by Yjs's awareness ids. {@link AwarenessClaims} decides whose entries count. Confined to the
 * document's run.
 */
final class DocumentAwareness {
    /** Time for a member's first awareness message, after which it receives the others' states; stock clients send it at once. */
    static final long INTRODUCTION_NANOS = 1_000_000_000L;

    /**
     * Time between two renewals of an id. A client whose clock is two behind replaces its own state by the one that it receives, so it must
     * receive each renewal before the next.
     */
    private static final long RENEWAL_NANOS = 900_000_000L;

    /** Entries of one message that count; no client has four times as many ids as its share allows. */
    private static final int MAX_ENTRIES = 4 * AwarenessOwners.SHARE.maxClients();

    private final AwarenessOwners owners = new AwarenessOwners();
    private final AwarenessClaims claims = new AwarenessClaims(owners);
    private final RemoteAwareness remote = new RemoteAwareness(owners, claims);
    private final Awareness awareness = owners.awareness;

    /** Members that have sent no awareness message, and so receive none. */
    private final Set<DocumentMember> newcomers = new LinkedHashSet<>();

    /** A reconnected client may have removed the states of others, and takes only newer ones. */
    private boolean mustRenew;

    /** As above, for the states of clients of other servers, which these must renew. */
    private boolean mustOthersRenew;

    private boolean isOpened;

    /** Adds a member; it receives the others' states after its first awareness message. */
    void open(DocumentMember member, long nowNanos) {
        if (!isOpened) {
            isOpened = true;
            claims.begin(nowNanos);
        }
        member.awareness().openedNanos = nowNanos;
        newcomers.add(member);
    }

    /** Lets a member receive the others' states; from here on its entries may be echoes, and are no claims. */
    void introduce(DocumentMember member) {
        member.awareness().isIntroduced = true;
        newcomers.remove(member);
    }

    /**
     * Applies an awareness update of a member. Entries beyond its share are dropped.
     *
     * @return the ids whose states the member must receive at once
     */
    List<Long> receive(DocumentMember member, byte[] update, long nowNanos) throws MalformedUpdateException {
        List<Awareness.Entry> entries = Awareness.decode(update);
        AwarenessMessage message = new AwarenessMessage(member, !member.awareness().isIntroduced, nowNanos);
        member.awareness().receivedNanos = nowNanos;
        introduce(member);
        if (awareness.removedCount() > AwarenessOwners.ALL.maxClients()) {
            awareness.forgetRemoved();
        }
        for (Awareness.Entry entry : entries) {
            if (message.appliedEntries < MAX_ENTRIES && isNoEcho(entry, message) && claims.admits(entry, message)) {
                message.appliedEntries++;
                if (hasRoom(entry, message)) {
                    apply(entry, message);
                }
            }
        }
        if (!message.behind.isEmpty()) {
            member.client().send(member.protocol().awareness(awareness.encodeRemoved(message.behind)));
            AwarenessClaims.query(member);
        }
        return message.isClaim ? awareness.present() : message.outdated;
    }

    /** Returns false for the state of another server's client, unless the sender claims it. */
    private boolean isNoEcho(Awareness.Entry entry, AwarenessMessage message) {
        return !remote.has(entry.id()) || (message.isClaim && entry.isPresent());
    }

    private boolean hasRoom(Awareness.Entry entry, AwarenessMessage message) {
        MemberAwareness sender = message.sender.awareness();
        if (!entry.isPresent()) {
            return true;
        }
        if (!owners.isWithinShare(entry, sender)) {
            return false;
        }
        if (!owners.hasRoom(entry) && !message.hasCut) {
            message.hasCut = true;
            owners.cutLargestShare(entry, sender);
        }
        return owners.hasRoom(entry);
    }

    private void apply(Awareness.Entry entry, AwarenessMessage message) {
        long id = entry.id();
        boolean wasKnown = awareness.isKnown(id);
        remote.release(id);
        if (message.isClaim && entry.isPresent() && entry.clock() < awareness.clock(id)) {
            message.behind.add(id);
        }
        switch (owners.apply(entry, message.isClaim)) {
            case ADDED, UPDATED -> {
                owners.changed.add(id);
                claims.own(id, message, wasKnown);
            }
            case REMOVED -> {
                owners.changed.add(id);
                claims.removed(id);
            }
            case OUTDATED -> message.outdated.add(id);
            case NONE -> {
                if (message.isClaim && entry.isPresent()) {
                    claims.own(id, message, wasKnown); // its clock is 0: it has set no state yet
                }
            }
        }
    }

    /** Removes a member. */
    void leave(DocumentMember member, long nowNanos) {
        newcomers.remove(member);
        claims.leave(member, nowNanos);
    }

    /**
     * Does everything that depends on time: decides claims, introduces silent members, and renews all states if a client has reconnected. A stock
     * client that loses its connection removes the others' states, and takes only states with newer clocks, which it would otherwise receive
     * only after up to 15 seconds.
     */
    void tick(long nowNanos) {
        claims.tick(nowNanos);
        if (claims.takeHasReturned()) {
            setMustRenew();
        }
        for (DocumentMember newcomer : List.copyOf(newcomers)) {
            if (nowNanos - newcomer.awareness().openedNanos >= INTRODUCTION_NANOS) {
                introduce(newcomer);
                newcomer.client().send(newcomer.protocol().awareness(encode()));
                setMustRenew(); // it may have reconnected
            }
        }
        if (mustRenew) {
            renew(nowNanos);
        }
    }

    private void setMustRenew() {
        mustRenew = true;
        mustOthersRenew = true;
    }

    /** Takes states that a copy on another server sends. */
    void receive(long origin, byte[] update) throws MalformedUpdateException {
        mustRenew |= remote.receive(origin, Awareness.decode(update));
    }

    /** Takes all states of a copy on another server. */
    void receiveAll(long origin, byte[] update) throws MalformedUpdateException {
        mustRenew |= remote.receiveAll(origin, Awareness.decode(update));
    }

    /** Ends the states of a copy on another server. */
    void end(long origin) {
        remote.end(origin);
    }

    /** A client of another server may have removed the states of others: their clocks are raised at the next tick. */
    void renewLater() {
        mustRenew = true;
    }

    /** Returns whether other servers must raise the clocks of their states, since the last call. */
    boolean takeMustOthersRenew() {
        boolean taken = mustOthersRenew;
        mustOthersRenew = false;
        return taken;
    }

    /** Returns the changed ids that other servers do not know; {@link #takeChanged} follows. */
    Set<Long> takeUnknownElsewhere() {
        return remote.takeUnknown();
    }

    /** Returns an awareness update with all states of this server's clients. */
    byte[] encodeOwn() {
        return awareness.encode(remote.presentHere());
    }

    /** Raises the clocks of all ids; those that were raised just now follow at a later tick. */
    private void renew(long nowNanos) {
        mustRenew = false;
        List<Long> due = new ArrayList<>();
        for (Map.Entry<Long, AwarenessOwnership> entry : owners.all().entrySet()) {
            AwarenessOwnership ownership = entry.getValue();
            if (ownership.lostOwner != null) {
                continue; // it must not find its clock too old when it reconnects
            }
            if (nowNanos - ownership.renewedNanos >= RENEWAL_NANOS) {
                ownership.renewedNanos = nowNanos;
                due.add(entry.getKey());
            } else {
                mustRenew = true;
            }
        }
        owners.changed.addAll(awareness.renew(due));
    }

    /** Returns whether {@link #tick} has work to do. */
    boolean isDue() {
        return mustRenew || !newcomers.isEmpty() || claims.isDue();
    }

    /** Returns the ids whose states have changed since the last call. */
    Set<Long> takeChanged() {
        if (owners.changed.isEmpty()) {
            return Set.of();
        }
        Set<Long> taken = new LinkedHashSet<>(owners.changed);
        owners.changed.clear();
        return taken;
    }

    /** Returns an awareness update with all states. */
    byte[] encode() {
        return awareness.encode(awareness.present());
    }

    /** Returns an awareness update with the states of some ids. */
    byte[] encode(Collection<Long> ids) {
        return awareness.encode(ids);
    }
}
