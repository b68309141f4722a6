package dev.tutti.http;

import dev.tutti.hub.HistoryPage;
import dev.tutti.hub.Publication;
import dev.tutti.hub.Sender;
import jakarta.json.JsonValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link HistoryPage} in a body.
 *
 * @param position of the room's last publication; null if there is nothing of the room
 * @param earliest offset of the earliest retained publication; one more than the last if none is
 * @param recovered whether the publications continue exactly at the requested position
 * @param more whether the room retains more in the requested direction
 */
record HistoryJson(
        @OptionalMember @Nullable PositionJson position,
        long earliest,
        boolean recovered,
        List<PublicationJson> publications,
        boolean more) {

    /**
     * A publication.
     *
     * @param time in milliseconds since 1970
     * @param from null for the application
     */
    record PublicationJson(
            long offset,
            long time,
            @OptionalMember @Nullable SenderJson from,
            JsonValue data) {
        static PublicationJson of(Publication publication) {
            Sender from = publication.from();
            return new PublicationJson(
                    publication.offset(),
                    publication.timeMillis(),
                    from == null ? null : new SenderJson(from.client(), from.user()),
                    RecordJson.value(publication.data()));
        }
    }

    /** The publisher. */
    record SenderJson(String client, String user) {}

    /**
     * Returns the body of a page.
     *
     * @param page null for a room that does not exist
     * @param isLatest whether the request named no position
     */
    static HistoryJson of(@Nullable HistoryPage page, boolean isLatest) {
        return page == null
                ? new HistoryJson(null, 1, isLatest, List.of(), false)
                : new HistoryJson(
                        PositionJson.of(page.position()),
                        page.earliest(),
                        page.recovered(),
                        page.messages().stream().map(PublicationJson::of).toList(),
                        page.more());
    }
}
