package dev.tutti.hub;

import dev.tutti.log.LogSubject;
import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One connection: its identity, its protocol, and its {@link Outbox}, {@link Heartbeat}, {@link Memberships}, {@link ClientUsage} and {@link
 * Lifetime}. Safe for any thread; no method waits for the peer.
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
    private final Lifetime lifetime;

    Client(Hub hub, String id, Access access, Transport transport, Protocol protocol, String address) {
        Limits limits = hub.limits();
        this.hub = hub;
        this.id = id;
        this.authentication = new Authentication(this, access, hub.time().nanos());
        this.protocol = protocol;
        this.address = address;
        this.transport = transport;
        this.usage = new ClientUsage(hub, limits.maxConnectionsPerAddress() == 0 ? "" : transport.quotaKey());
        this.outbox = new Outbox(transport, limits.maxQueuedBytes(), protocol.supportsCatchUp(), hub.budget(), this);
        this.heartbeat = new Heartbeat(hub.time());
        this.memberships = new Memberships(hub, this);
        this.reauthorization = new Reauthorization(this, hub.time().nanos());
        this.lifetime = new Lifetime(hub, this);
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

    /** Returns the identity of this client, which a token may change. */
    public Authentication authentication() {
        return authentication;
    }

    /** Returns the subscriptions of this client. */
    public Memberships memberships() {
        return memberships;
    }

    /** Returns the usage of this client, for the limits of its address and its user. */
    public ClientUsage usage() {
        return usage;
    }

    /** Returns a number that is another one whenever rights may have changed; read it before you ask for rights that you keep. */
    public long rightsRevision() {
        return hub.clients().rightsRevision();
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
    public boolean hasEnded() {
        return lifetime.hasEnded();
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
        lifetime.attach(attached);
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
        lifetime.end(code);
        outbox.close(code, reason);
        if (!outbox.hasEnded()) {
            hub.clients().awaitEnd(this); // the close waits for a send, which has a time limit
        }
    }

    /** Counts a limit that this client went over, and closes it after all earlier frames. */
    public void closeFor(LimitBreach breach) {
        count(breach);
        close(breach.code(), breach.reason());
    }

    /** The connection has ended. May be called several times. */
    public void disconnected() {
        lifetime.end(null);
        outbox.discard();
    }

    @Override
    public void limitBreached(LimitBreach breach) {
        hub.breaches().count(breach);
        lifetime.end(breach.code());
    }

    @Override
    public void outputPressure() {
        hub.eviction().request();
    }

    @Override
    public void sendFailed(Throwable failure) {
        subject().log(LOG, Level.DEBUG, "the connection broke", failure);
        lifetime.end(null);
    }

    @Override
    public void drained() {
        Attachment attached = lifetime.attachment();
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
        Attachment attached = lifetime.attachment();
        return attached != null && attached.hasIdentity(who);
    }

    /** Takes the rights of this client anew, because they may have changed; returns as {@link Reauthorization#run}. */
    @Nullable
    CompletionStage<?> reauthorize() {
        return reauthorization.run();
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

    Lifetime lifetime() {
        return lifetime;
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
        authentication.tick(protocol, hub.time());
        reauthorization.tick(nowNanos);
        if (heartbeat.isDead(nowNanos, outbox, hub.limits(), protocol)) {
            abort(LimitBreach.SILENCE);
        }
    }
}
