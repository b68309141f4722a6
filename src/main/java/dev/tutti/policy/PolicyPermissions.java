package dev.tutti.policy;

import dev.tutti.security.AccessPolicy;
import dev.tutti.security.AccessPolicy.Question;
import dev.tutti.security.Action;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Resource;
import dev.tutti.security.UnavailableException;
import dev.tutti.security.Way;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a server, and beside them the policy of an application, if there is one. Both only grant. Whoever sits at this machine may do everything, and the policy is not asked. Safe for any thread.
 */
public final class PolicyPermissions implements Permissions {
    private static final Logger LOG = System.getLogger(PolicyPermissions.class.getName());

    private static final String UNKNOWN = "the rights of this user are not known now: try again later";

    /** All that anybody can do in a room. */
    private static final Set<Action> IN_ROOM = EnumSet.of(Action.READ, Action.WRITE, Action.PRESENCE);

    /** Open connections look at their answers so often in the cache time: each look makes answers renewed, and the last eighth is for the look. */
    private static final int RECHECKS = 8;

    private final Permissions rules;
    private final Permissions rulesBesidePolicy;
    private final PolicyOptions options;
    private final LongSupplier nanoTime;
    /** Null unless another application is asked. */
    private final @Nullable HttpPolicy http;

    // Written under this.
    private @Nullable AccessPolicy policy;
    private @Nullable Executor asking;
    private @Nullable Executor completing;
    /** Null without a policy, or before the start. */
    private volatile @Nullable Answers answers;

    /**
     * Makes the permissions of a server: they ask the application at the address of the settings, or none until {@link #use}.
     *
     * @param rules that decide without a policy
     * @param rulesBesidePolicy that decide with one
     * @throws IllegalArgumentException if the address is no HTTP address
     */
    public PolicyPermissions(
            Permissions rules, Permissions rulesBesidePolicy, PolicyOptions options, LongSupplier nanoTime) {
        this.rules = rules;
        this.rulesBesidePolicy = rulesBesidePolicy;
        this.options = options;
        this.nanoTime = nanoTime;
        this.http = options.accessUrl().isEmpty() ? null : new HttpPolicy(options, nanoTime);
        this.policy = http;
    }

    /**
     * Asks a policy from now on.
     *
     * @throws IllegalArgumentException if there is one
     */
    public synchronized void use(AccessPolicy found) {
        if (policy != null) {
            throw new IllegalArgumentException(
                    "access-url: the application has an AccessPolicy too; remove one of them");
        }
        policy = found;
        begin();
    }

    /** Returns whether a policy decides. */
    public synchronized boolean hasPolicy() {
        return policy != null;
    }

    @Override
    public synchronized void start(Executor asks, Executor completes) {
        asking = asks;
        completing = completes;
        begin();
    }

    private void begin() {
        if (policy != null && asking != null && completing != null) {
            answers = new Answers(policy, options, asking, completing, nanoTime);
            LOG.log(
                    Level.INFO,
                    "rights are decided by {0}, beside the rules",
                    policy == http ? http : policy.getClass());
        }
    }

    @Override
    public boolean allow(Identity identity, Action action, Resource resource) {
        return granted(identity, resource).contains(action);
    }

    @Override
    public Set<Action> granted(Identity identity, Resource resource) {
        Answers present = answers;
        if (present == null) {
            return rules.granted(identity, resource);
        }
        Set<Action> granted = rulesBesidePolicy.granted(identity, resource);
        if (needsNoAnswer(identity, resource, granted)) {
            return granted;
        }
        Set<Action> answer = present.get(Question.of(identity, resource));
        if (answer == null) {
            throw new UnavailableException(UNKNOWN);
        }
        granted.addAll(answer);
        return granted;
    }

    @Override
    public @Nullable CompletionStage<?> prepare(Identity identity, Resource resource) {
        Answers present = answers;
        return present == null || needsNoAnswer(identity, resource, rulesBesidePolicy.granted(identity, resource))
                ? null
                : present.prepare(Question.of(identity, resource));
    }

    /** Returns whether the rules decide alone: this peer is at this machine or nobody, it is about the server, or they grant everything. */
    private static boolean needsNoAnswer(Identity identity, Resource resource, Set<Action> granted) {
        return identity.way() == Way.NONE
                || identity.way() == Way.LOCAL
                || resource.kind() == Resource.Kind.SERVER
                || (resource.kind() == Resource.Kind.ROOM && granted.containsAll(IN_ROOM));
    }

    @Override
    public long recheckNanos() {
        return answers == null ? 0 : options.cacheNanos() / RECHECKS;
    }

    @Override
    public void forget(String user) {
        Answers present = answers;
        if (present != null) {
            present.forget(user);
        }
    }

    @Override
    public void forgetAll() {
        Answers present = answers;
        if (present != null) {
            present.forgetAll();
        }
    }

    @Override
    public void stop() {
        if (http != null) {
            http.stop();
        }
    }

    @Override
    public void tick(Executor background, Runnable changed) {
        rules.tick(background, changed); // also those beside a policy, if they change at all
        Answers present = answers;
        if (present != null) {
            present.tick();
        }
        if (http != null) {
            http.abortLate();
        }
    }
}
