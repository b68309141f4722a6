package dev.tutti.hub;

/** What the members of a room are told, all in one order. */
public sealed interface RoomEvent
        permits Publication,
                RoomEvent.MemberJoined,
                RoomEvent.PresenceChanged,
                RoomEvent.MemberLeft,
                RoomEvent.MembersChanged {

    /** Returns about what this takes while it waits. */
    int bytes();

    /** A client is new. Immutable. */
    record MemberJoined(Member member) implements RoomEvent {
        @Override
        public int bytes() {
            return member.bytes();
        }
    }

    /** A client has a new state; the last one counts. Immutable. */
    record PresenceChanged(Member member) implements RoomEvent {
        @Override
        public int bytes() {
            return member.bytes();
        }
    }

    /** A client is gone. Immutable. */
    record MemberLeft(Member member) implements RoomEvent {
        @Override
        public int bytes() {
            return member.bytes();
        }
    }

    /**
     * The room has become too large to tell who comes and goes, or has another size, or is small enough again to list all. Immutable.
     */
    record MembersChanged(Members members) implements RoomEvent {
        @Override
        public int bytes() {
            return Long.BYTES + members.bytes();
        }
    }
}
