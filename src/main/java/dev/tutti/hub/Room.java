package dev.tutti.hub;

import java.util.Arrays;
import java.util.concurrent.Executor;

/**
 * Clients who hear each other, in one order. Safe for any thread.
 *
 * <p>A room only says what comes after what. Its members sit in {@link Section}s: one while they are few, and with more of them up
 * to one for each processor, so that a large room is reached sooner. Every section gets every publication, in the same order, and
 * brings it to its members on a thread of the executor.
 */
final class Room {
    /** How many clients sit in the first section before there is a second: fewer are reached sooner than a thread is woken. */
    static final int FIRST_SECTION_CLIENTS = 64;

    /** The most sections that a room can have. */
    static final int MAX_SECTIONS = Long.SIZE;

    private final String name;
    private final Executor executor;
    private final long maxQueuedBytes;
    private final int maxSections;

    /** Guarded by this, and so is what waits in each of them. The array itself is never written to. */
    private Section[] sections;

    /** How many clients are in, or on their way in; guarded by the hub's map of rooms. */
    int occupants;

    /**
     * Makes an empty room.
     *
     * @param maxQueuedBytes that may wait in a section; 0 means no limit
     * @param maxSections from 1 to {@link #MAX_SECTIONS}
     */
    Room(String name, Executor executor, long maxQueuedBytes, int maxSections) {
        this.name = name;
        this.executor = executor;
        this.maxQueuedBytes = maxQueuedBytes;
        this.maxSections = maxSections;
        this.sections = new Section[] {new Section(this, executor)};
    }

    String name() {
        return name;
    }

    /** Lets a client in, behind all that was published before, and returns where it sits. */
    Section enter(Client client) {
        Section section;
        boolean idle;
        synchronized (this) {
            section = freest();
            section.occupants++;
            idle = section.add(new Event.Entered(client));
        }
        if (idle) {
            executor.execute(section);
        }
        return section;
    }

    /** Lets a client out, behind all that was published before. */
    void leave(Client client, Section section) {
        boolean idle;
        synchronized (this) {
            section.occupants--;
            idle = section.add(new Event.Left(client));
        }
        if (idle) {
            executor.execute(section);
        }
    }

    /** Says something to all members; false if too much waits already. */
    boolean publish(Publication publication) {
        Event event = new Event.Published(publication);
        Section[] all;
        long idle = 0; // a bit for each section that has to be woken, once the monitor is left
        synchronized (this) {
            all = sections;
            for (Section section : all) {
                if (maxQueuedBytes != 0 && section.waitingBytes() + event.waitingBytes() > maxQueuedBytes) {
                    return false;
                }
            }
            for (int i = 0; i < all.length; i++) {
                idle |= all[i].add(event) ? 1L << i : 0;
            }
        }
        for (int i = 0; i < all.length; i++) {
            if ((idle & 1L << i) != 0) {
                executor.execute(all[i]);
            }
        }
        return true;
    }

    /** Returns the section that the next client sits in; the sections of a large room have about the same size. */
    private Section freest() {
        Section[] all = sections;
        Section freest = all[0];
        for (Section section : all) {
            freest = section.occupants < freest.occupants ? section : freest;
        }
        if (freest.occupants >= FIRST_SECTION_CLIENTS && all.length < maxSections) {
            freest = new Section(this, executor);
            Section[] more = Arrays.copyOf(all, all.length + 1);
            more[all.length] = freest;
            sections = more;
        }
        return freest;
    }
}
