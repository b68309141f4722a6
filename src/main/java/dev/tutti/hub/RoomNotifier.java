package dev.tutti.hub;

import dev.tutti.event.Event;
import dev.tutti.event.Events;
import dev.tutti.rate.GrowthRate;
import org.jspecify.annotations.Nullable;

/**
 * Posts the events of one room for the listeners to all rooms, and counts them. Guarded by its room. It posts each entry and exit, also in a
 * crowded room, whose members are told only their number.
 */
final class RoomNotifier {
    private final String room;
    private final Events events;
    private final TimeSource time;

    /** Clients in the room, with and without presence. */
    private int clients;

    private long publications;
    private final GrowthRate rate;

    RoomNotifier(String room, Events events, TimeSource time) {
        this.room = room;
        this.events = events;
        this.time = time;
        this.rate = new GrowthRate(time.nanos());
    }

    /**
     * A client has subscribed.
     *
     * @param member null if it is no member that others see
     */
    void entered(@Nullable Member member) {
        clients++;
        if (!events.areWanted()) {
            return;
        }
        if (clients == 1) {
            events.post(new Event.RoomOccupied(time.millis(), room));
        }
        if (member != null) {
            events.post(new Event.MemberEntered(time.millis(), room, member.client(), member.user(), member.state()));
        }
    }

    /**
     * A client has left.
     *
     * @param member null if it was no member that others see
     */
    void left(@Nullable Member member) {
        clients--;
        if (!events.areWanted()) {
            return;
        }
        if (member != null) {
            events.post(new Event.MemberLeft(time.millis(), room, member.client(), member.user()));
        }
        if (clients == 0) {
            events.post(new Event.RoomVacated(time.millis(), room));
        }
    }

    void published(Publication publication) {
        publications++;
        if (events.arePublicationsWanted(room)) {
            Sender from = publication.from();
            events.post(new Event.Published(
                    publication.timeMillis(),
                    room,
                    publication.offset(),
                    from == null ? null : from.client(),
                    from == null ? null : from.user(),
                    publication.data()));
        }
    }

    /** Handles a tick of the clock. */
    void tick(long nowNanos) {
        rate.tick(publications, nowNanos);
    }

    /** Returns how large and how busy the room is; {@code retained} is the number of publications in its log. */
    RoomUsage usage(int retained) {
        return new RoomUsage(room, clients, retained, publications, rate.perMinute());
    }
}
