package dev.tutti.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Some or all members of a room, and what is on its way to them.
 *
 * <p>What happens goes into the inbox, which the room's monitor guards. The members belong to the <b>run</b>, and there is one at a
 * time: it takes everything that waits, and whatever comes meanwhile waits for the next. So an idle room sends a message at once,
 * and a busy one sends many in one write for each member, without a timer (natural batching). After each run the section goes to
 * the end of the executor's queue, so that a busy room cannot starve quiet ones.
 */
final class Section implements Runnable {
    private static final Logger LOG = System.getLogger(Section.class.getName());

    /** The bytes after which a run starts another batch, so that one batch stays well below a client's queue limit. */
    private static final int MAX_BATCH_BYTES = 128 * 1024;

    private final Room room;
    private final Executor executor;

    // Guarded by the room.
    private List<Event> inbox = new ArrayList<>();
    private long inboxBytes;
    /** A run is under way or asked for. */
    private boolean scheduled;
    /** How many clients sit here, or are on their way. */
    int occupants;

    // Confined to the run.
    private final Set<Client> members = new LinkedHashSet<>();
    /** The emptied list of the last run, to be used again. */
    private List<Event> taken = new ArrayList<>();

    /** Makes an empty section of a room. */
    Section(Room room, Executor executor) {
        this.room = room;
        this.executor = executor;
    }

    Room room() {
        return room;
    }

    /** Puts an event into the inbox; true if the caller, who has the room's monitor, must then ask for a run. */
    boolean add(Event event) {
        inbox.add(event);
        inboxBytes += event.waitingBytes();
        boolean idle = !scheduled;
        scheduled = true;
        return idle;
    }

    /** Returns what waits in the inbox, for the caller who has the room's monitor. */
    long waitingBytes() {
        return inboxBytes;
    }

    /** One run: takes all that waits. Only the executor calls this, once for each time it was asked. */
    @Override
    public void run() {
        List<Event> events;
        synchronized (room) {
            events = inbox;
            inbox = taken;
            inboxBytes = 0;
        }
        try {
            process(events);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a run of room " + room.name() + " failed", e);
        }
        events.clear();
        taken = events;
        synchronized (room) {
            if (inbox.isEmpty()) {
                scheduled = false;
                return;
            }
        }
        executor.execute(this);
    }

    private void process(List<Event> events) {
        List<Event.Published> said = new ArrayList<>(events.size());
        for (Event event : events) {
            if (event instanceof Event.Published published) {
                said.add(published);
                continue;
            }
            deliver(said); // who comes or goes hears what was said while being there, no more and no less
            said.clear();
            if (event instanceof Event.Entered entered) {
                members.add(entered.client());
            } else if (event instanceof Event.Left left) {
                members.remove(left.client());
            }
        }
        deliver(said);
    }

    private void deliver(List<Event.Published> said) {
        for (int from = 0, to; from < said.size(); from = to) {
            to = from + 1;
            for (int bytes = said.get(from).waitingBytes(); to < said.size(); to++) {
                bytes += said.get(to).waitingBytes();
                if (bytes > MAX_BATCH_BYTES) {
                    break;
                }
            }
            deliverBatch(said.subList(from, to));
        }
    }

    private void deliverBatch(List<Event.Published> said) {
        Protocol protocol = null;
        Batch batch = null;
        for (Client member : members) {
            if (batch == null || member.protocol() != protocol) {
                protocol = member.protocol();
                batch = batch(said, protocol);
            }
            member.deliver(batch);
        }
    }

    private static Batch batch(List<Event.Published> said, Protocol protocol) {
        List<Frame> frames = new ArrayList<>(said.size());
        for (Event.Published published : said) {
            frames.add(published.frame(protocol));
        }
        return Batch.of(frames);
    }
}
