package dev.tutti.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Clients who hear each other, in one order. Safe for any thread.
 *
 * <p>What happens to a room goes into its inbox. The members belong to the <b>run</b>, and there is one at a time: it takes
 * everything that waits, and whatever comes meanwhile waits for the next. So an idle room sends a message at once, and a busy one
 * sends many in one write for each member, without a timer (natural batching). After each run the room goes to the end of the
 * executor's queue, so that a busy room cannot starve quiet ones.
 */
final class Room implements Runnable {
    private static final Logger LOG = System.getLogger(Room.class.getName());

    /** The bytes after which a run starts another batch, so that one batch stays well below a client's queue limit. */
    private static final int MAX_BATCH_BYTES = 128 * 1024;

    private sealed interface Event permits Entered, Left, Published {}

    private record Entered(Client client) implements Event {}

    private record Left(Client client) implements Event {}

    private record Published(Publication publication) implements Event {}

    /** What a publication counts in the inbox beside its data: the objects around it. */
    private static final int OVERHEAD_BYTES = 64;

    private final String name;
    private final Executor executor;
    private final long maxQueuedBytes;

    private final Object lock = new Object();
    /** What waits; guarded by lock. */
    private List<Event> inbox = new ArrayList<>();
    /** What the publications in the inbox take; guarded by lock. */
    private long inboxBytes;
    /** A run is under way or asked for; guarded by lock. */
    private boolean scheduled;

    /** The emptied list of the last run, to be used again; confined to the run. */
    private List<Event> taken = new ArrayList<>();

    /** Confined to the run. */
    private final Set<Client> members = new LinkedHashSet<>();

    /** How many clients are in or on their way in; guarded by the hub's map of rooms. */
    int occupants;

    /** Makes an empty room; {@code maxQueuedBytes} of 0 means no limit. */
    Room(String name, Executor executor, long maxQueuedBytes) {
        this.name = name;
        this.executor = executor;
        this.maxQueuedBytes = maxQueuedBytes;
    }

    String name() {
        return name;
    }

    /** Lets a client in, behind all that was published before. */
    void enter(Client client) {
        post(new Entered(client), 0);
    }

    /** Lets a client out, behind all that was published before. */
    void leave(Client client) {
        post(new Left(client), 0);
    }

    /** Says something to all members; false if too much waits already. */
    boolean publish(Publication publication) {
        return post(new Published(publication), sizeOf(publication));
    }

    private boolean post(Event event, int bytes) {
        synchronized (lock) {
            if (maxQueuedBytes != 0 && bytes != 0 && inboxBytes + bytes > maxQueuedBytes) {
                return false;
            }
            inbox.add(event);
            inboxBytes += bytes;
            if (scheduled) {
                return true;
            }
            scheduled = true;
        }
        executor.execute(this);
        return true;
    }

    /** One run: takes all that waits. Only the executor calls this, and only once for each time it was asked. */
    @Override
    public void run() {
        List<Event> events;
        synchronized (lock) {
            events = inbox;
            inbox = taken;
            inboxBytes = 0;
        }
        try {
            process(events);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a run of room " + name + " failed", e);
        }
        events.clear();
        taken = events;
        synchronized (lock) {
            if (inbox.isEmpty()) {
                scheduled = false;
                return;
            }
        }
        executor.execute(this);
    }

    private void process(List<Event> events) {
        List<Publication> batch = new ArrayList<>(events.size());
        for (Event event : events) {
            if (event instanceof Published published) {
                batch.add(published.publication);
                continue;
            }
            deliver(batch); // who comes or goes hears what was said while being there, no more and no less
            batch.clear();
            if (event instanceof Entered entered) {
                members.add(entered.client);
            } else if (event instanceof Left left) {
                members.remove(left.client);
            }
        }
        deliver(batch);
    }

    private void deliver(List<Publication> publications) {
        for (int from = 0, to; from < publications.size(); from = to) {
            to = from + 1;
            for (int bytes = sizeOf(publications.get(from)); to < publications.size(); to++) {
                bytes += sizeOf(publications.get(to));
                if (bytes > MAX_BATCH_BYTES) {
                    break;
                }
            }
            deliverBatch(publications.subList(from, to));
        }
    }

    private void deliverBatch(List<Publication> publications) {
        Protocol protocol = null;
        Batch batch = null;
        for (Client member : members) {
            if (batch == null || member.protocol() != protocol) {
                protocol = member.protocol();
                batch = encode(publications, protocol);
            }
            member.deliver(batch);
        }
    }

    private static Batch encode(List<Publication> publications, Protocol protocol) {
        List<Frame> frames = new ArrayList<>(publications.size());
        for (Publication publication : publications) {
            frames.add(protocol.encode(publication));
        }
        return Batch.of(frames);
    }

    private static int sizeOf(Publication publication) {
        return publication.data().length() + OVERHEAD_BYTES;
    }
}
