package dev.tutti.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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

    /** What concerns one client, and before which of the notices of its run. */
    private record Aside(Event.ForOne event, int at) {}

    private final Room room;
    private final int index;
    private final Executor executor;

    // Guarded by the room.
    private List<Event> inbox = new ArrayList<>();
    private long inboxBytes;
    /** A run is under way or asked for. */
    private boolean scheduled;
    /** How many clients sit here, or are on their way. */
    int occupants;

    // Confined to the run.
    /** Those who are told the same, together: a notice is encoded once for each protocol. */
    private final Map<Protocol, Set<Client>> members = new LinkedHashMap<>(2);
    /** The emptied list of the last run, to be used again. */
    private List<Event> taken = new ArrayList<>();

    /** Makes an empty section of a room; {@code index} is its place among the room's sections. */
    Section(Room room, int index, Executor executor) {
        this.room = room;
        this.index = index;
        this.executor = executor;
    }

    int index() {
        return index;
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
        List<Event.Told> told = new ArrayList<>(events.size());
        List<Aside> asides = List.of();
        for (Event event : events) {
            if (event instanceof Event.Told notice) {
                told.add(notice);
            } else if (event instanceof Event.ForOne one) {
                asides = asides.isEmpty() ? new ArrayList<>() : asides;
                asides.add(new Aside(one, told.size()));
            }
        }
        Set<Client> apart = new LinkedHashSet<>();
        asides.forEach(aside -> apart.add(aside.event.client()));
        tellAll(told, apart);
        tellApart(told, asides, apart);
    }

    /** Tells everything to the members who are here from the run's beginning to its end, in shared batches. */
    private void tellAll(List<Event.Told> told, Set<Client> apart) {
        if (told.isEmpty()) {
            return;
        }
        members.forEach((protocol, clients) -> {
            for (Batch batch : batches(told, protocol)) {
                for (Client client : clients) {
                    if (apart.isEmpty() || !apart.contains(client)) {
                        client.send(batch);
                    }
                }
            }
        });
    }

    /** Who comes, goes or asks hears what is told while being there, no more and no less, and its answer in its place. */
    private void tellApart(List<Event.Told> told, List<Aside> asides, Set<Client> apart) {
        Map<Client, Integer> next = new HashMap<>();
        for (Aside aside : asides) {
            Client client = aside.event.client();
            boolean goes = aside.event instanceof Event.Left;
            Event.Answer answer = aside.event.answer();
            if (isMember(client) && (!goes || answer != null)) {
                tell(client, told.subList(next.getOrDefault(client, 0), aside.at));
            }
            next.put(client, aside.at);
            if (aside.event instanceof Event.Entered) {
                members.computeIfAbsent(client.protocol(), protocol -> new LinkedHashSet<>())
                        .add(client);
            } else if (goes) {
                remove(client);
            }
            if (answer != null) {
                client.send(Batch.answer(answer.frame().get(), answer.bytes()));
            }
        }
        for (Client client : apart) {
            if (isMember(client)) {
                tell(client, told.subList(next.getOrDefault(client, 0), told.size()));
            }
        }
    }

    private void tell(Client client, List<Event.Told> told) {
        batches(told, client.protocol()).forEach(client::send);
    }

    private boolean isMember(Client client) {
        Set<Client> clients = members.get(client.protocol());
        return clients != null && clients.contains(client);
    }

    private void remove(Client client) {
        Set<Client> clients = members.get(client.protocol());
        if (clients != null && clients.remove(client) && clients.isEmpty()) {
            members.remove(client.protocol());
        }
    }

    private List<Batch> batches(List<Event.Told> told, Protocol protocol) {
        List<Batch> batches = new ArrayList<>(1);
        List<Frame> frames = new ArrayList<>(told.size());
        int bytes = 0;
        for (Event.Told event : protocol.hearsPresence() ? withoutObsoleteStates(told) : told) {
            Frame frame = event.frame(room.name(), protocol);
            if (frame == null) {
                continue;
            }
            if (!frames.isEmpty() && bytes + frame.wireBytes() > MAX_BATCH_BYTES) {
                batches.add(Batch.of(frames));
                frames.clear();
                bytes = 0;
            }
            frames.add(frame);
            bytes += frame.wireBytes();
        }
        if (!frames.isEmpty()) {
            batches.add(Batch.of(frames));
        }
        return batches;
    }

    /** Leaves out the states that a later one of the same client follows. */
    private static List<Event.Told> withoutObsoleteStates(List<Event.Told> told) {
        if (told.size() == 1) {
            return told;
        }
        Set<String> shown = new HashSet<>();
        List<Event.Told> left = new ArrayList<>(told.size());
        for (int i = told.size() - 1; i >= 0; i--) {
            Event.Told event = told.get(i);
            if (!(event.notice() instanceof Notice.Presence presence)
                    || shown.add(presence.member().client())) {
                left.add(event);
            }
        }
        Collections.reverse(left);
        return left;
    }
}
