package dev.tutti.hub;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The members of a room. Immutable.
 *
 * @param count number of members
 * @param list all members; null if there are more than {@link Limits#maxListedClients}
 */
public record Members(int count, @Nullable List<Member> list) {
    /** The view of a client without the right to presence: nobody. */
    static final Members NONE = new Members(0, List.of());

    int bytes() {
        return list == null ? 0 : list.stream().mapToInt(Member::bytes).sum();
    }
}
