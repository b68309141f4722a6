package dev.tutti.hub;

import java.util.List;
import java.util.Set;

/** News of the members of a room that several nodes share, those of this node included. Immutable. */
public sealed interface MembersUpdate {
    /** One member has changed. */
    sealed interface Change {
        /** Returns the id of its client. */
        String client();
    }

    /** A client has become a member, or has another state. */
    record Put(Member member) implements Change {
        @Override
        public String client() {
            return member.client();
        }
    }

    /** A client is no member any more. */
    record Removed(String client) implements Change {}

    /**
     * Members have changed, and all changes before are known.
     *
     * @param count number of members after the changes
     */
    record Changed(int count, List<Change> changes) implements MembersUpdate {}

    /** Members have changed, and they are too many to list. */
    record Counted(int count) implements MembersUpdate {}

    /**
     * The members as they are now; changes before may not be known.
     *
     * @param ofThisNode the listed clients that this node has put and still keeps; it puts all its others after this. Empty if the members are only counted
     */
    record Read(Members members, Set<String> ofThisNode) implements MembersUpdate {}
}
