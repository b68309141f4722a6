package dev.tutti.security;

import dev.tutti.settings.WatchedFile;
import java.util.Set;
import java.util.concurrent.Executor;

/** The rules of a file, which change with it. Safe for any thread. */
public record RulesFile(WatchedFile<Rules> file) implements Permissions {
    @Override
    public boolean allow(Identity identity, Action action, Resource resource) {
        return file.value().allow(identity, action, resource);
    }

    /** All by the same version of the rules. */
    @Override
    public Set<Action> granted(Identity identity, Resource resource) {
        return file.value().granted(identity, resource);
    }

    @Override
    public void tick(Executor background, Runnable changed) {
        file.check(background, changed);
    }
}
