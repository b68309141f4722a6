package dev.tutti.hub;

/** What the members of a room are told, all in one order. */
public sealed interface Notice permits Publication, Notice.Entered, Notice.Presence, Notice.Left, Notice.Crowd {

    /** Returns about what this takes while it waits. */
    int bytes();

    /** A client is new. Immutable. */
    record Entered(Member member) implements Notice {
        @Override
        public int bytes() {
            return member.bytes();
        }
    }

    /** A client has a new state; the last one counts. Immutable. */
    record Presence(Member member) implements Notice {
        @Override
        public int bytes() {
            return member.bytes();
        }
    }

    /** A client is gone. Immutable. */
    record Left(Member member) implements Notice {
        @Override
        public int bytes() {
            return member.bytes();
        }
    }

    /**
     * The room has become too large to tell who comes and goes, or has another size, or is small enough again to list all. Immutable.
     */
    record Crowd(Members members) implements Notice {
        @Override
        public int bytes() {
            return Long.BYTES + members.bytes();
        }
    }
}
