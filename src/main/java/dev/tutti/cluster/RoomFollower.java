package dev.tutti.cluster;

import dev.tutti.hub.LimitException;
import dev.tutti.hub.Position;
import dev.tutti.hub.RoomLog;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Follows the channel of a room: it adds each publication to the {@link LocalCopy} and delivers it, once and in the order of the offsets. If the next one
 * on the channel is not the next offset, or Redis has another position, it reads what is missing from the stream; messages that come meanwhile wait. If the
 * stream does not reach back far enough, or is of another epoch, the members must join again ({@link RoomLog.Subscriber#lost}).
 *
 * <p>Guarded by its room; the methods that say so take the monitor, and are called without it.
 */
final class RoomFollower {
    private final RoomLog.Subscriber subscriber;
    private final LocalCopy copy;
    private final ClusterMetrics metrics;
    private final Executor executor;
    /** Subscribes, then requests the messages after the copy. */
    private final Runnable reader;

    /** Somebody has asked for the publications: the follower receives them until it is closed. */
    private boolean isWanted;
    /** The copy equals the history in Redis at some time. */
    private boolean isLoaded;

    private boolean isClosed;
    /** Completes when the first read has ended; null if none is under way. */
    private @Nullable CompletableFuture<@Nullable Void> loading;
    /** A read is under way. */
    private boolean isReading;
    /** The number of reads that have begun. */
    private long begun;
    /** The number of reads that have brought an answer. */
    private long reads;
    /** The number of the last change of members that was delivered. */
    private long change;
    /** The room lists its members. */
    private boolean isListing;
    /** The members of this server may not be in Redis: the next check reads them. */
    private boolean isDoubtful;
    /** More has arrived than the room's mailboxes hold: it is read later. */
    private boolean isBehind;

    private final HeldMessages held = new HeldMessages();

    RoomFollower(
            RoomLog.Subscriber subscriber, LocalCopy copy, ClusterMetrics metrics, Executor executor, Runnable reader) {
        this.subscriber = subscriber;
        this.copy = copy;
        this.metrics = metrics;
        this.executor = executor;
        this.reader = reader;
    }

    /** Returns whether the copy may be read; else {@link #load} must come first. */
    boolean isLoaded() {
        isWanted = true;
        return isLoaded || isClosed;
    }

    /** Reads the publications after the copy. Returns a stage that completes when the copy may be read, or that could not be done. */
    CompletionStage<?> load() {
        if (loading == null) {
            loading = new CompletableFuture<>();
            if (!isReading) {
                startReading();
            }
        }
        return loading;
    }

    /** Returns the number of the first read that begins after this call; see {@link #hasRead}. */
    long nextRead() {
        return reads + (isReading ? 2 : 1);
    }

    /** Returns whether a read has brought its answer, or none will come. */
    boolean hasRead(long number) {
        return isClosed || reads >= number;
    }

    boolean isLoading() {
        return loading != null;
    }

    /** Receives nothing more. */
    void close() {
        isClosed = true;
        isWanted = false;
        isReading = false;
        held.clear();
    }

    /** There is a new connection: the follower subscribes, and reads the messages that it has missed. Takes the monitor. */
    void connected() {
        synchronized (subscriber) {
            if (isWanted && !isReading) {
                startReading();
            }
        }
    }

    /** The connection has ended, or a read has failed; calls that wait for the first read must try again. Takes the monitor. */
    void disconnected() {
        CompletableFuture<@Nullable Void> waiting;
        synchronized (subscriber) {
            isReading = false;
            isBehind = false;
            held.clear();
            waiting = loading;
            loading = null;
        }
        complete(waiting);
    }

    /** A message has arrived on the channel. Takes the monitor. */
    void received(RoomMessage message) {
        synchronized (subscriber) {
            if (isReading) {
                held.add(message);
            } else if (isLoaded && !isClosed && !isBehind) {
                apply(message);
            }
        }
        subscriber.wake();
    }

    /** Returns the number of the read that is under way. Takes the monitor. */
    long reading() {
        synchronized (subscriber) {
            return begun;
        }
    }

    /**
     * Redis has answered with the messages after the copy. Takes the monitor.
     *
     * @param reading the number of this read: an earlier connection may still answer
     */
    void read(Retained retained, long reading) {
        CompletableFuture<@Nullable Void> waiting;
        synchronized (subscriber) {
            if (!isReading || reading != begun) {
                return; // the log is closed, or the connection has ended
            }
            isReading = false;
            reads++;
            accept(retained);
            List<RoomMessage> messages = held.takeAll();
            if (messages == null) {
                startReading();
            } else {
                messages.forEach(this::applyOrHold);
            }
            waiting = loading;
            loading = null;
        }
        subscriber.wake();
        complete(waiting);
    }

    /**
     * Redis has told its present position, behind all earlier messages. Takes the monitor.
     *
     * @param lastChange the number of the last change of members
     * @param isSmall whether the members are few enough to list them again
     */
    void checked(Position top, long lastChange, boolean isSmall) {
        synchronized (subscriber) {
            if (!isLoaded || isClosed || isReading) {
                return;
            }
            boolean isGap = isBehind || !top.equals(copy.history().position()) || lastChange != change;
            if (isGap) {
                metrics.gapFound();
            }
            if (isGap || isDoubtful || (isSmall && !isListing)) {
                isBehind = false;
                startReading();
            }
        }
    }

    /** The members of this server may not be in Redis any more: the next check reads them, and then the room puts those that are missing. */
    void doubt() {
        synchronized (subscriber) {
            isDoubtful = true;
        }
    }

    private void complete(@Nullable CompletableFuture<@Nullable Void> waiting) {
        if (waiting != null) {
            executor.execute(() -> waiting.complete(null));
        }
    }

    private void startReading() {
        isReading = true;
        begun++;
        isDoubtful = false;
        reader.run();
    }

    private void applyOrHold(RoomMessage message) {
        if (isReading) {
            held.add(message);
        } else {
            apply(message);
        }
    }

    private void apply(RoomMessage message) {
        Position last = copy.history().position();
        boolean isSameEpoch = message.epoch().equals(last.epoch());
        if (message instanceof RoomMessage.Appended appended) {
            if (!isSameEpoch || appended.first() > last.offset() + 1) {
                metrics.gapFound();
                startReading();
                held.add(message);
            } else if (appended.last() > last.offset()) {
                deliver(appended);
            }
        } else if (message instanceof RoomMessage.MembersChanged changed) {
            if (!isSameEpoch || changed.number() > change + 1) {
                metrics.gapFound();
                startReading();
                held.add(message);
            } else if (changed.number() == change + 1) {
                deliver(changed);
            }
        } else if (message instanceof RoomMessage.Cleared cleared && isSameEpoch) {
            copy.dropUpTo(cleared.upTo());
        }
    }

    private void deliver(RoomMessage.Appended appended) {
        if (hasRoom(appended)) {
            appended.entries().forEach(this::deliver);
        }
    }

    private void deliver(RoomMessage.MembersChanged changed) {
        if (hasRoom(changed)) {
            change = changed.number();
            isListing = subscriber.deliverMembers(changed.update());
        }
    }

    private boolean hasRoom(RoomMessage message) {
        try {
            subscriber.requireRoom(message.bytes());
            return true;
        } catch (LimitException e) {
            isBehind = true; // the next check reads it, if it is still there
            return false;
        }
    }

    /** Delivers a publication if it is the next one; earlier ones are here already. */
    private void deliver(Entry entry) {
        if (entry.offset() == copy.history().next()) {
            copy.add(entry);
            subscriber.deliverToMembers(entry.publication());
        }
    }

    private void accept(Retained retained) {
        acceptPublications(retained);
        change = retained.change();
        isListing = subscriber.deliverMembers(retained.members());
    }

    private void acceptPublications(Retained retained) {
        Position last = copy.history().position();
        Position top = retained.top();
        boolean isNextOne = top.epoch().equals(last.epoch())
                && top.offset() >= last.offset()
                && retained.reaches(last.offset() + 1);
        if (isLoaded && isNextOne) {
            retained.entries().forEach(this::deliver);
            return;
        }
        if (isLoaded) {
            subscriber.lost();
        }
        isLoaded = true;
        copy.replace(retained);
    }
}
