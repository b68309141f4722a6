package dev.tutti.http;

import dev.tutti.http.Operation.Kind;
import dev.tutti.hub.Administration;
import dev.tutti.hub.HistoryPage;
import dev.tutti.hub.Members;
import dev.tutti.hub.Position;
import dev.tutti.hub.RoomDirectory;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Rights;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The routes about rooms and their history (docs/http-api.md, "Rooms"). Each asks the rights of the caller. Safe for any thread. */
final class RoomRoutes {
    private static final String ROOM = "room";

    private final RoomDirectory rooms;
    private final Administration administration;
    private final Admission admission;

    RoomRoutes(RoomDirectory rooms, Administration administration, Admission admission) {
        this.rooms = rooms;
        this.administration = administration;
        this.admission = admission;
    }

    /** A page of the names of rooms. */
    record RoomList(List<String> rooms, boolean more) {}

    /**
     * A room.
     *
     * @param count of members; null if the caller may not see them
     * @param position of the last publication; null if there is nothing of the room
     */
    record RoomState(
            String room,
            @OptionalMember @Nullable Integer count,
            @OptionalMember @Nullable PositionJson position) {}

    /** The members of a room; null if there are so many that they are only counted. */
    record MemberList(int count, @OptionalMember @Nullable List<MemberJson> members) {}

    /** Returns each route but those that publish. */
    List<Route> list() {
        return List.of(
                new Route(
                        "GET",
                        "/api/rooms",
                        Operation.of("The rooms that exist now, by name. Needs the right to administer")
                                .query("prefix", Kind.TEXT, "only names that begin so")
                                .query("after", Kind.TEXT, "only names after this one")
                                .limit("rooms in the answer")
                                .answers(200, RoomList.class),
                        this::list),
                new Route(
                        "GET",
                        "/api/rooms/{room}",
                        Operation.of("The members and the position of a room. Needs the right to read it")
                                .answers(200, RoomState.class),
                        call -> read(call, Action.READ, rights -> state(call.name(ROOM), rights))),
                new Route(
                        "GET",
                        "/api/rooms/{room}/members",
                        Operation.of("The members of a room. Needs the right to its presence")
                                .answers(200, MemberList.class),
                        call -> read(call, Action.PRESENCE, rights -> members(call.name(ROOM)))),
                new Route(
                        "GET",
                        "/api/rooms/{room}/publications",
                        Operation.of("Publications that a room retains. Needs the right to read it")
                                .query("since", Kind.TEXT, "the first ones after this position, epoch:offset")
                                .query("before", Kind.TEXT, "the last ones before this position; else the latest")
                                .limit("publications")
                                .answers(200, HistoryJson.class),
                        call -> read(call, Action.READ, rights -> history(call))),
                new Route(
                        "DELETE",
                        "/api/rooms/{room}/publications",
                        Operation.of("Deletes what a room retains. Needs the right to manage it")
                                .answersNothing(),
                        this::deleteHistory));
    }

    private CompletionStage<ApiResponse> list(ApiCall call) {
        int limit = call.limit();
        admission.admit(call.request()).onServer().require(Action.ADMIN);
        return administration
                .rooms(call.queryOrEmpty("prefix"), call.queryOrEmpty("after"), limit)
                .thenApply(page -> ApiResponse.of(page, new RoomList(page.items(), page.hasMore())));
    }

    /** Answers with a record, if the caller has a right in the room. */
    private CompletionStage<ApiResponse> read(ApiCall call, Action action, Function<Rights, Record> answer) {
        String room = call.name(ROOM);
        Access access = admission.admit(call.request());
        return Access.after(access.prepareRoom(room), () -> {
            Rights rights = access.inRoom(room);
            rights.require(action);
            return Access.after(
                    rooms.prepare(room), () -> CompletableFuture.completedFuture(ApiResponse.ok(answer.apply(rights))));
        });
    }

    private RoomState state(String room, Rights rights) {
        Integer count = rights.include(Action.PRESENCE) ? rooms.members(room).count() : null;
        return new RoomState(room, count, PositionJson.of(rooms.position(room)));
    }

    private MemberList members(String room) {
        Members members = rooms.members(room);
        return new MemberList(
                members.count(),
                members.list() == null
                        ? null
                        : members.list().stream().map(MemberJson::of).toList());
    }

    private HistoryJson history(ApiCall call) {
        String room = call.name(ROOM);
        Position since = PositionJson.parse("since", call.query("since"));
        Position before = PositionJson.parse("before", call.query("before"));
        int limit = call.limit();
        if (since != null && before != null) {
            throw new ApiException(ApiError.BAD_REQUEST, "name since or before, not both");
        }
        HistoryPage page = since != null
                ? rooms.since(room, since, limit)
                : before != null ? rooms.before(room, before, limit) : rooms.latest(room, limit);
        return HistoryJson.of(page, since == null && before == null);
    }

    private CompletionStage<ApiResponse> deleteHistory(ApiCall call) {
        String room = call.name(ROOM);
        Access access = admission.admitToOwnPages(call.request());
        return Access.after(access.prepareRoom(room), () -> {
            access.inRoom(room).require(Action.MANAGE);
            return Access.after(
                    rooms.prepare(room), () -> rooms.deleteHistory(room).thenApply(deleted -> ApiResponse.noContent()));
        });
    }
}
