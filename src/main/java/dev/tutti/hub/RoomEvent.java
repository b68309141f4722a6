package dev.tutti.hub;

/** An event of a room, broadcast to all members in one order. */
public sealed interface RoomEvent
        permits Publication,
                RoomEvent.MemberJoined,
                RoomEvent.PresenceChanged,
                RoomEvent.MemberLeft,
                RoomEvent.MembersChanged {

    /** Returns about the bytes of memory that this takes while it waits. */
    int bytes();

    /** A client has joined. Immutable. */
    record MemberJoined(Member member) implements RoomEvent {
        @Override
        public int bytes() {
            return member.bytes();
        }
    }

    /** A client shows another state; a later one replaces it. Immutable. */
    record PresenceChanged(Member member) implements RoomEvent {
        @Override
        public int bytes() {
            return member.bytes();
        }
    }

    /** A client has left, or its connection has ended. Immutable. */
    record MemberLeft(Member member) implements RoomEvent {
        @Override
        public int bytes() {
            return member.bytes();
        }
    }

    /** The room has become too large to list its members, has another number of them, or is small enough to list them again. Immutable. */
    record MembersChanged(Members members) implements RoomEvent {
        @Override
        public int bytes() {
            return Long.BYTES + members.bytes();
        }
    }
}
