package dev.tutti.protocol;

import dev.tutti.security.Action;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Resource;
import dev.tutti.security.UnavailableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Permissions that are not known until a test answers. Confined to the test. */
public final class SlowPermissions implements Permissions {
    private final Map<String, Set<Action>> known = new HashMap<>();
    private final Map<String, CompletableFuture<Void>> asked = new HashMap<>();
    private final List<String> questions = new ArrayList<>();
    private boolean isAway;

    /** Answers the question about a name, and all later ones. */
    public void answer(String name, Set<Action> granted) {
        known.put(name, granted);
        complete(name);
    }

    /** Fails the question about a name, and all later ones that nobody has answered. */
    public void fail(String name) {
        isAway = true;
        complete(name);
    }

    /** Makes the rights on a name unknown again. */
    public void makeUnknown(String name) {
        known.remove(name);
    }

    private void complete(String name) {
        CompletableFuture<Void> waiting = asked.remove(name);
        if (waiting != null) {
            waiting.complete(null);
        }
    }

    /** Returns the names that were asked for, in their order. */
    public List<String> questions() {
        return questions;
    }

    @Override
    public boolean allow(Identity identity, Action action, Resource resource) {
        Set<Action> granted = known.get(resource.name());
        if (granted == null) {
            throw new UnavailableException("nobody knows");
        }
        return granted.contains(action);
    }

    @Override
    public @Nullable CompletionStage<?> prepare(Identity identity, Resource resource) {
        String name = resource.name();
        if (isAway || known.containsKey(name)) {
            return null;
        }
        return asked.computeIfAbsent(name, added -> {
            questions.add(name);
            return new CompletableFuture<>();
        });
    }
}
