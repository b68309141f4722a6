package dev.tutti.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.event.Event;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventSelectionTest {
    static final List<Event> ALL = List.of(
            new Event.ClientConnected(0, "c", "Ann"),
            new Event.ClientDisconnected(0, "c", "Ann", null),
            new Event.RoomOccupied(0, "team-1"),
            new Event.RoomVacated(0, "team-1"),
            new Event.MemberEntered(0, "team-1", "c", "Ann", null),
            new Event.MemberLeft(0, "team-1", "c", "Ann"),
            new Event.DocumentOpened(0, "plan"),
            new Event.DocumentChanged(0, "plan"),
            new Event.DocumentStored(0, "plan"),
            new Event.DocumentClosed(0, "plan"),
            new Event.DocumentDeleted(0, "plan"));

    private static final Event PUBLISHED = new Event.Published(0, "team-1", 1, "c", "Ann", "1");

    private static List<String> selected(String setting) {
        EventSelection selection = EventSelection.of(setting);
        return ALL.stream().filter(selection::includes).map(Event::type).toList();
    }

    @Test
    void starMeansAllButPublications() {
        assertThat(selected("*")).isEqualTo(EventSelection.TYPES);
        assertThat(EventSelection.of("*").includes(PUBLISHED)).isFalse();
    }

    @Test
    void publicationsAreNamed() {
        assertThat(EventSelection.of("publication").includes(PUBLISHED)).isTrue();
        assertThat(EventSelection.of("*, publication=team-*").includesPublicationsOf("team-2"))
                .isTrue();
        assertThat(EventSelection.of("publication=team-*").includesPublicationsOf("other"))
                .isFalse();
        assertThat(selected("publication")).isEmpty();
    }

    @Test
    void entriesSelectByTypeAndName() {
        assertThat(selected("room.*, document.stored"))
                .containsExactly("room.occupied", "room.vacated", "document.stored");
        assertThat(selected("member.*=team-*,room.*=other")).containsExactly("member.entered", "member.left");
        assertThat(selected("*=team-1"))
                .doesNotContain("client.connected", "document.opened")
                .hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "room", "room.*,", "rooms.*", "room.occupied=a b", "publications", "Room.*", "room.*=x=y"})
    void otherEntriesAreRefused(String setting) {
        assertThatThrownBy(() -> EventSelection.of(setting))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("webhook-events: '");
    }
}
