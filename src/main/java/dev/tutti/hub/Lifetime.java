package dev.tutti.hub;

import dev.tutti.event.Event;
import org.jspecify.annotations.Nullable;

/**
 * The life of one client, from its connect to its end: it posts both as events, and closes the client's resources, once. Safe for any thread.
 *
 * <p>Resources that are added after the end are closed at once.
 */
final class Lifetime {
    private final Hub hub;
    private final Client client;
    private final long startNanos;

    // All below: guarded by this.
    /** Null for a client that is only in rooms. */
    private @Nullable Attachment attachment;
    /** Null unless the input was paused at some time. */
    private @Nullable PausableInput<?> input;

    private boolean ended;
    /** {@link Event.ClientConnected} was posted to the listeners of that time. */
    private boolean isAnnounced;

    Lifetime(Hub hub, Client client) {
        this.hub = hub;
        this.client = client;
        this.startNanos = hub.time().nanos();
    }

    /** Returns whether the client has connected before a time. */
    boolean beganBefore(long nanos) {
        return startNanos - nanos < 0;
    }

    synchronized boolean hasEnded() {
        return ended;
    }

    /** Sets the attachment, which is called back at the end; called once. */
    void attach(Attachment attached) {
        boolean isEnded;
        synchronized (this) {
            isEnded = ended;
            attachment = attached;
        }
        if (isEnded) {
            attached.clientClosed();
        }
    }

    synchronized @Nullable Attachment attachment() {
        return attachment;
    }

    /** Closes an input with the client. */
    void setInput(PausableInput<?> paused) {
        boolean isEnded;
        synchronized (this) {
            isEnded = ended;
            input = paused;
        }
        if (isEnded) {
            paused.close();
        }
    }

    /** Counts the client for its user, and announces it. Called once, for a connection that exceeds no limit and is not refused. */
    void begin() {
        try {
            client.usage().countFor(client.access().identity());
        } catch (LimitException e) {
            client.closeFor(e.breach());
        }
        client.authentication().closeIfRevoked(); // either this sees it, or the sweep after it sees the client
        announceIfIdentified();
    }

    /** Posts once that the client has connected, when something has identified it. Under the monitor, so that its end cannot overtake it. */
    synchronized void announceIfIdentified() {
        if (ended || isAnnounced || client.access().identity().isUnidentified()) {
            return;
        }
        isAnnounced = true;
        if (hub.events().areWanted()) {
            hub.events().post(new Event.ClientConnected(hub.time().millis(), client.id(), client.user()));
        }
    }

    /** Ends the client, once; {@code code} is null if the peer closed the connection or it broke. */
    void end(@Nullable CloseCode code) {
        Attachment attached;
        PausableInput<?> paused;
        boolean wasAnnounced;
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            wasAnnounced = isAnnounced;
            attached = attachment;
            paused = input;
        }
        client.memberships().close();
        if (paused != null) {
            paused.close();
        }
        hub.clients().remove(client);
        hub.metrics().connectionClosed(client.protocol(), code);
        client.usage().close();
        if (attached != null) {
            attached.clientClosed();
        }
        if (wasAnnounced && hub.events().areWanted()) {
            Integer number = code == null ? null : code.code();
            hub.events().post(new Event.ClientDisconnected(hub.time().millis(), client.id(), client.user(), number));
        }
    }
}
