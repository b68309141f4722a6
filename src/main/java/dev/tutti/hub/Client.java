package dev.tutti.hub;

import dev.tutti.event.Event;
import dev.tutti.log.LogSubject;
import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection: its identity, its protocol, and its {@link Outbox}, {@link Heartbeat}, {@link Memberships} and {@link ClientUsage}. Safe for
 * any thread; no method waits for the peer.
 *
 * <p>A client <b>ends</b> once, when its connection ends or is being closed: it leaves its rooms, and receives only earlier frames.
 */
public final class Client implements Outbox.Owner {
    private static final Logger LOG = System.getLogger(Client.class.getName());

    private final Hub hub;
    private final String id;
    private final Authentication authentication;
    private final Protocol protocol;
    private final String address;
    private final Transport transport;
    private final ClientUsage usage;
    private final Outbox outbox;
    private final Heartbeat heartbeat;
    private final Memberships memberships;
    private final Reauthorization reauthorization;

    // All below: guarded by this.
    /** Null for a client that is only in rooms. */
    private @Nullable Attachment attachment;
    /** Null unless the input was paused at some time. */
    private @Nullable PausableInput<?> input;

    private boolean ended;
    /** {@link Event.ClientConnected} was posted, to whoever listened then. */
    private boolean isAnnounced;

    Client(Hub hub, String id, Access access, Transport transport, Protocol protocol, String address) {
        Limits limits = hub.limits();
        this.hub = hub;
        this.id = id;
        this.authentication = new Authentication(id, access, hub.time().nanos());
        this.protocol = protocol;
        this.address = address;
        this.transport = transport;
        this.usage = new ClientUsage(hub, limits.maxConnectionsPerAddress() == 0 ? "" : transport.quotaKey());
        this.outbox = new Outbox(transport, limits.maxQueuedBytes(), protocol.supportsCatchUp(), hub.budget(), this);
        this.heartbeat = new Heartbeat(hub.time());
        this.memberships = new Memberships(hub, this);
        this.reauthorization = new Reauthorization(this, hub.time().nanos());
    }

    /** Returns the id of this connection, unique among those of this hub and of all others. */
    public String id() {
        return id;
    }

    /** Returns the user of this connection. A user may have several connections. */
    public String user() {
        return sender().user();
    }

    /** Returns the identity and the permissions; rooms and documents ask them. */
    public Access access() {
        return authentication.access();
    }

    /**
     * Gives this client the user of a token: the first one, or again the same one with new rights. A room that it may no longer be in, or in
     * which its right to presence has changed, it leaves.
     *
     * @return false, and nothing happens, if the client has another user by a token, or is in rooms as a guest
     * @throws LimitException if the user has too many connections; then nothing happens
     */
    public boolean authenticate(Access next) {
        if (!authentication.mayReplace(next, memberships)) {
            return false;
        }
        usage.countFor(next.identity());
        authentication.replace(next, memberships);
        closeIfRevoked();
        announceIfIdentified();
        return true;
    }

    /** Returns what this client uses, for the limits of its address and its user. */
    public ClientUsage usage() {
        return usage;
    }

    /** Returns a number that is another one whenever rights may have changed; read it before you ask for rights that you keep. */
    public long rightsRevision() {
        return hub.rightsRevision();
    }

    /**
     * Begins to find out the rights of another access in all rooms of this client, unless they are known. Called before {@link #authenticate}.
     *
     * @return as {@link Access#prepareRoom}
     */
    public @Nullable CompletionStage<?> prepareRights(Access next) {
        return memberships.prepareRights(next);
    }

    /**
     * Joins a room: the client receives the reply, and then all later events.
     *
     * @param roomName valid by {@link RoomName#isValid}, or {@link Hub#BROADCAST_ROOM}
     * @param since the last publication that the client has received of this room; null if it has received none
     * @param state presence state for the other members, as JSON text; null for none
     * @param reply encodes the reply, on a thread of the hub; null for none
     * @return false, and nothing happens, if the client is in the room or has ended
     * @throws LimitException if the room is full, the client is in too many rooms, its states are too long, or too many replies wait for it
     * @throws dev.tutti.security.ForbiddenException if this user may not join the room, or not show a state in it; then nothing happens
     * @throws dev.tutti.security.UnavailableException if that is not known; then nothing happens
     */
    public boolean join(
            String roomName,
            @Nullable Position since,
            @Nullable String state,
            @Nullable Function<JoinResult, Frame> reply) {
        outbox.requireFewReplies();
        return memberships.join(roomName, since, state, reply);
    }

    /**
     * Leaves a room.
     *
     * @param reply encodes the last frame that the client receives of the room, on a thread of the hub
     * @return false if the client is not in the room
     */
    public boolean leave(String roomName, Supplier<Frame> reply) {
        return memberships.leave(roomName, reply);
    }

    /** Returns the subscription to a room, null if the client is not in it. */
    public @Nullable Subscription subscription(String roomName) {
        return memberships.get(roomName);
    }

    /**
     * Counts a received message. Returns the limit that it exceeds; null for none, and for a client that has ended, which is not closed again.
     *
     * @param bytes of the message; those of a frame with several messages count with one of them
     */
    public @Nullable LimitBreach countMessage(int bytes) {
        long now = hub.time().nanos();
        heartbeat.recordActivity(now);
        LimitBreach breach = usage.receive(bytes, now);
        if (breach == null) {
            hub.metrics().messageReceived(protocol);
        }
        return breach;
    }

    /** Counts a limit that this client went over; the caller answers it with an error. */
    public void count(LimitBreach breach) {
        hub.breaches().count(breach);
    }

    /** Returns whether this client has ended. */
    public synchronized boolean hasEnded() {
        return ended;
    }

    /** Sends a frame to this client, behind all earlier ones. */
    public void send(Frame frame) {
        send(Batch.of(List.of(frame)));
    }

    /** Sends a batch to this client, behind all earlier ones. */
    public void send(Batch batch) {
        hub.metrics().sent(batch.size(), batch.bytes());
        outbox.offer(batch);
    }

    /** Sends a batch that several clients share; its caller counts it for all of them, as {@link Metrics#sent}. */
    public void deliver(Batch batch) {
        outbox.offer(batch);
    }

    /**
     * Replies to a request of this client, behind all earlier frames. Replies have a limit of their own and are not dropped;
     * check {@link #canReply} before a long one.
     *
     * @param frames at least one
     */
    public void reply(List<Frame> frames) {
        reply(Batch.reply(frames));
    }

    /** As above; several clients may share a batch from {@link Batch#reply}. */
    public void reply(Batch batch) {
        outbox.reserve(batch.reservedBytes());
        send(batch);
    }

    /** Returns whether fewer bytes of replies than the limit wait for this client. */
    public boolean canReply() {
        return outbox.canReserve();
    }

    /** Sets the attachment; called once, before anything is sent. It is called back at once if the client has ended. */
    public void attach(Attachment attached) {
        boolean isEnded;
        synchronized (this) {
            isEnded = ended;
            attachment = attached;
        }
        if (isEnded) {
            attached.clientClosed();
        }
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

    /** Returns the executor of the hub. */
    Executor executor() {
        return hub.executor();
    }

    /** Stops dropping: the response to {@link Attachment#drained}. */
    public void resume() {
        outbox.resume();
    }

    /** Returns whether everything has been sent, and nothing was dropped since {@link #resume}. */
    public boolean isIdle() {
        return outbox.isIdle();
    }

    /** Records a pong of the peer, a sign of life. */
    public void pong(ByteBuffer data) {
        heartbeat.recordActivity(hub.time().nanos());
        transport.pong(data);
    }

    /**
     * Closes the connection after all earlier frames; later calls do nothing.
     *
     * @param reason a text for people, at most {@link CloseCode#MAX_REASON_BYTES} of UTF-8
     */
    public void close(CloseCode code, String reason) {
        end(code);
        outbox.close(code, reason);
        if (!outbox.hasEnded()) {
            hub.awaitEnd(this); // the close waits for a send, which has a time limit
        }
    }

    /** Counts a limit that this client went over, and closes it after all earlier frames. */
    public void closeFor(LimitBreach breach) {
        count(breach);
        close(breach.code(), breach.reason());
    }

    /** The connection has ended. May be called several times. */
    public void disconnected() {
        end(null);
        outbox.discard();
    }

    @Override
    public void limitBreached(LimitBreach breach) {
        hub.breaches().count(breach);
        end(breach.code());
    }

    @Override
    public void outputPressure() {
        hub.onOutputPressure();
    }

    @Override
    public void sendFailed(Throwable failure) {
        subject().log(LOG, Level.DEBUG, "the connection broke", failure);
        end(null);
    }

    @Override
    public void drained() {
        Attachment attached = attachment();
        if (attached != null) {
            attached.drained();
        }
    }

    /** Returns this client for a line of the log. */
    public LogSubject subject() {
        return LogSubject.client(id(), user());
    }

    @Override
    public String toString() {
        return id();
    }

    /** Returns whether this client, or a document that it has open, has an identity that matches. */
    boolean hasIdentity(Predicate<Identity> who) {
        if (who.test(access().identity())) {
            return true;
        }
        Attachment attached = attachment();
        return attached != null && attached.hasIdentity(who);
    }

    /** Takes the rights of this client anew, because they may have changed; returns as {@link Reauthorization#run}. */
    @Nullable
    CompletionStage<?> reauthorize() {
        return reauthorization.run();
    }

    /** Closes this client if its token was revoked; returns whether it was. */
    boolean closeIfRevoked() {
        return authentication.closeIfRevoked(this);
    }

    /** Posts once that this client has connected, when something has identified it. Under the monitor, so that its end cannot overtake it. */
    synchronized void announceIfIdentified() {
        if (ended || isAnnounced || access().identity().isUnidentified()) {
            return;
        }
        isAnnounced = true;
        if (hub.events().areWanted()) {
            hub.events().post(new Event.ClientConnected(hub.time().millis(), id, user()));
        }
    }

    synchronized @Nullable Attachment attachment() {
        return attachment;
    }

    Sender sender() {
        return authentication.sender();
    }

    /** Returns the peer's address, empty if unknown. */
    String address() {
        return address;
    }

    /** Returns the protocol of the connection. */
    public Protocol protocol() {
        return protocol;
    }

    Memberships memberships() {
        return memberships;
    }

    Outbox outbox() {
        return outbox;
    }

    /** Counts a limit that this client went over, and closes it at once. */
    void abort(LimitBreach breach) {
        limitBreached(breach);
        outbox.abort(breach);
    }

    /** Closes the client if a send takes too long; returns whether its outbox has ended. */
    boolean expire(long nowNanos) {
        outbox.expire(nowNanos, hub.limits().maxSendNanos(protocol));
        return outbox.hasEnded();
    }

    /** Handles a tick of the clock: closes the client if a send, a token or a sign of life takes too long. */
    void tick(long nowNanos) {
        expire(nowNanos);
        authentication.tick(this, protocol, hub.time());
        reauthorization.tick(nowNanos);
        if (heartbeat.isDead(nowNanos, outbox, hub.limits(), protocol)) {
            abort(LimitBreach.SILENCE);
        }
    }

    /** Ends this client, once; {@code code} is null if the peer closed the connection or it broke. */
    private void end(@Nullable CloseCode code) {
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
        memberships.close();
        if (paused != null) {
            paused.close();
        }
        hub.remove(this, code);
        usage.close();
        if (attached != null) {
            attached.clientClosed();
        }
        if (wasAnnounced && hub.events().areWanted()) {
            Integer number = code == null ? null : code.code();
            hub.events().post(new Event.ClientDisconnected(hub.time().millis(), id, user(), number));
        }
    }
}
