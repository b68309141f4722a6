package dev.tutti.hub;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is in a room. Immutable.
 *
 * @param count of members
 * @param list all of them; null if there are more than {@link Limits#maxListedClients}
 */
public record Members(int count, @Nullable List<Member> list) {
    int bytes() {
        return list == null ? 0 : list.stream().mapToInt(Member::bytes).sum();
    }
}
