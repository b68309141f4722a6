package dev.tutti.settings;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the known name nearest to a misspelt one. Stateless. */
public final class NearestName {
    /** The shortest text that counts as the beginning of a name. */
    private static final int MIN_PREFIX = 4;

    private NearestName() {}

    /**
     * Returns the name that is nearest to a text: by the fewest letters to insert, delete, replace or exchange with their neighbour, up to a third of
     * them; else one that begins with the text or with which it begins. Null if no name is near. Of equally near names, the first.
     */
    public static @Nullable String of(String text, Collection<String> names) {
        String normal = text.toLowerCase(Locale.ROOT).replace('_', '-');
        String nearest = null;
        int least = normal.length() / 3 + 1;
        for (String name : names) {
            if (Math.abs(name.length() - normal.length()) < least) { // the distance is no smaller than this difference
                int distance = distance(normal, name);
                if (distance < least) {
                    least = distance;
                    nearest = name;
                }
            }
        }
        return nearest != null ? nearest : byPrefix(normal, names);
    }

    private static @Nullable String byPrefix(String text, Collection<String> names) {
        for (String name : names) {
            boolean isPrefix = name.startsWith(text) || text.startsWith(name);
            if (isPrefix && Math.min(name.length(), text.length()) >= MIN_PREFIX) {
                return name;
            }
        }
        return null;
    }

    /** Returns the optimal string alignment distance. */
    private static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean isSame = a.charAt(i - 1) == b.charAt(j - 1);
                row[j] = Math.min(Math.min(last[j], row[j - 1]) + 1, last[j - 1] + (isSame ? 0 : 1));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }
        return last[b.length()];
    }
}
