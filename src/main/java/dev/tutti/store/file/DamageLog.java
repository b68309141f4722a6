package dev.tutti.store.file;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The losses that a store has found. Logs each once. Safe for any thread. */
final class DamageLog {
    private static final Logger LOG = System.getLogger(FileStore.class.getName());

    /** Further losses are logged, and not remembered. */
    private static final int MAX_REMEMBERED = 1_000;

    private final Set<String> found = new LinkedHashSet<>();

    void add(String damage) {
        synchronized (this) {
            if (found.contains(damage)) {
                return;
            }
            if (found.size() < MAX_REMEMBERED) {
                found.add(damage);
            }
        }
        LOG.log(Level.ERROR, damage);
    }

    synchronized List<String> all() {
        return List.copyOf(found);
    }
}
