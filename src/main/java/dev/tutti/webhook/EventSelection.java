package dev.tutti.webhook;

import dev.tutti.event.Event;
import dev.tutti.security.NamePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The events that a receiver gets. Immutable.
 *
 * <p>It is a list of patterns of types, each with an optional pattern of the names of rooms or documents: {@code member.*=team-*}. Only an entry for
 * {@code publication} by its full name selects publications, which may be many.
 */
final class EventSelection {
    static final String PUBLICATION = "publication";

    private static final Pattern ENTRY = Pattern.compile("\\s*([a-z.*]+)(?:=([\\p{L}\\p{M}\\p{Nd}._~:@*-]+))?\\s*");

    /** Every type that is not {@link #PUBLICATION}; a pattern must match one. */
    static final List<String> TYPES = List.of(
            "client.connected",
            "client.disconnected",
            "room.occupied",
            "room.vacated",
            "member.entered",
            "member.left",
            "document.opened",
            "document.changed",
            "document.stored",
            "document.closed",
            "document.deleted");

    /** @param names null for all, also for clients, which have no name */
    private record Entry(NamePattern types, @Nullable NamePattern names) {
        boolean includes(Event event) {
            return types.matches(event.type(), "") && includesName(event.subject());
        }

        boolean includesName(Event.Subject subject) {
            return names == null || (subject.kind() != Event.Kind.CLIENT && names.matches(subject.name(), ""));
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final List<Entry> publications = new ArrayList<>();

    private EventSelection() {}

    /**
     * Returns the selection of a setting.
     *
     * @throws IllegalArgumentException if an entry has another form, or matches no type; the message names it
     */
    static EventSelection of(String text) {
        EventSelection selection = new EventSelection();
        for (String part : text.split(",", -1)) {
            Matcher matcher = ENTRY.matcher(part);
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "webhook-events: '" + part.strip() + "' is not a type of events, or type=room");
            }
            String names = matcher.group(2);
            selection.add(matcher.group(1), names == null ? null : NamePattern.of(names));
        }
        return selection;
    }

    private void add(String type, @Nullable NamePattern names) {
        NamePattern types = NamePattern.of(type);
        if (type.equals(PUBLICATION)) {
            publications.add(new Entry(types, names));
        } else if (TYPES.stream().anyMatch(known -> types.matches(known, ""))) {
            entries.add(new Entry(types, names));
        } else {
            throw new IllegalArgumentException(
                    "webhook-events: '" + type + "' matches none of " + String.join(", ", TYPES) + ", " + PUBLICATION);
        }
    }

    boolean includesPublicationsOf(String room) {
        if (publications.isEmpty()) {
            return false; // the usual case, and asked for each publication
        }
        Event.Subject subject = new Event.Subject(Event.Kind.ROOM, room);
        return publications.stream().anyMatch(entry -> entry.includesName(subject));
    }

    /** Returns whether the receiver gets an event. */
    boolean includes(Event event) {
        return event instanceof Event.Published published
                ? includesPublicationsOf(published.room())
                : entries.stream().anyMatch(entry -> entry.includes(event));
    }
}
