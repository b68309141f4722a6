package dev.tutti.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.security.AccessPolicy;
import dev.tutti.security.AccessPolicy.Question;
import dev.tutti.security.Action;
import dev.tutti.security.Grants;
import dev.tutti.security.Identity;
import dev.tutti.security.Resource;
import dev.tutti.security.Rules;
import dev.tutti.security.UnavailableException;
import dev.tutti.security.Way;
import dev.tutti.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class PolicyPermissionsTest {
    private static final Resource GARDEN = Resource.room("garden");
    private static final Resource PLAN = Resource.document("plan");
    private static final Rules NONE = Rules.of(List.of());
    private static final Identity ANN = Identity.named("Ann");
    private static final PolicyOptions OPTIONS = Settings.read(PolicyOptions.class, name -> null);

    private final List<Question> asked = new ArrayList<>();

    private CompletionStage<Set<Action>> grantRead(Question question) {
        asked.add(question);
        return CompletableFuture.completedFuture(Set.of(Action.READ));
    }

    private static PolicyPermissions permissions(Rules rules) {
        PolicyPermissions permissions = new PolicyPermissions(Rules.byDefault(), rules, OPTIONS, () -> 0);
        permissions.start(Runnable::run, Runnable::run);
        return permissions;
    }

    private static PolicyPermissions permissions(Rules rules, AccessPolicy policy) {
        PolicyPermissions permissions = permissions(rules);
        permissions.use(policy);
        return permissions;
    }

    private static Rules rules(String role, String pattern, String... may) {
        return Rules.of(Grants.ofRules(List.of(
                Map.of("role", role, "rooms", List.of(pattern), "documents", List.of(pattern), "may", List.of(may)))));
    }

    @Test
    void withoutPolicyTheRulesDecide() {
        PolicyPermissions permissions = permissions(NONE);

        assertThat(permissions.prepare(ANN, GARDEN)).isNull();
        assertThat(permissions.granted(ANN, GARDEN)).isEqualTo(Rules.byDefault().granted(ANN, GARDEN));
    }

    @Test
    void policyReplacesTheRules() {
        PolicyPermissions permissions = permissions(NONE, this::grantRead);
        assertThatThrownBy(() -> permissions.granted(ANN, GARDEN)).isInstanceOf(UnavailableException.class);
        permissions.prepare(ANN, GARDEN);

        assertThat(permissions.granted(ANN, GARDEN)).containsExactly(Action.READ);
        assertThat(permissions.allow(ANN, Action.WRITE, GARDEN)).isFalse();
        assertThat(asked).containsExactly(new Question("Ann", Set.of(), GARDEN));
    }

    @Test
    void rulesAndTokensAddToThePolicy() {
        PolicyPermissions permissions = permissions(rules("blue", "*", "write"), this::grantRead);
        Identity blue = new Identity(Way.TOKEN, "Ann", Set.of("blue"), Map.of(), null);
        Identity bearer = new Identity(
                Way.TOKEN,
                "Ann",
                Set.of(),
                Map.of(),
                null,
                Grants.ofClaim(List.of(Map.of("documents", List.of("plan"), "may", List.of("presence")))));
        permissions.prepare(blue, PLAN);
        permissions.prepare(bearer, PLAN);

        assertThat(permissions.granted(blue, PLAN)).containsExactly(Action.READ, Action.WRITE);
        assertThat(permissions.granted(bearer, PLAN)).containsExactly(Action.READ, Action.PRESENCE);
    }

    @Test
    void roomThatIsOpenByRulesNeedsNoAnswer() {
        Identity blue = new Identity(Way.TOKEN, "Ann", Set.of("blue"), Map.of(), null);
        PolicyPermissions permissions = permissions(rules("blue", "*", "read", "write", "presence"), this::grantRead);

        assertThat(permissions.prepare(blue, GARDEN)).isNull();
        assertThat(permissions.granted(blue, GARDEN)).hasSize(3);
        permissions.prepare(blue, PLAN); // documents have a right more
        assertThat(asked).containsExactly(new Question("Ann", Set.of("blue"), PLAN));
    }

    @Test
    void thisMachineAndStrangersAreNotAskedFor() {
        PolicyPermissions permissions = permissions(NONE, this::grantRead);
        Identity local = Identity.visitor(Way.LOCAL);

        assertThat(permissions.prepare(local, PLAN)).isNull();
        assertThat(permissions.granted(local, PLAN)).contains(Action.MANAGE);
        assertThat(permissions.prepare(Identity.ANONYMOUS, PLAN)).isNull();
        assertThat(permissions.granted(Identity.ANONYMOUS, PLAN)).isEmpty();
        assertThat(asked).isEmpty();
    }

    @Test
    void twoPoliciesAreRefused() {
        PolicyPermissions permissions = permissions(NONE, this::grantRead);

        assertThatThrownBy(() -> permissions.use(this::grantRead)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void policyMayComeBeforeTheStart() {
        PolicyPermissions permissions = new PolicyPermissions(NONE, NONE, OPTIONS, () -> 0);
        permissions.use(this::grantRead);
        permissions.start(Runnable::run, Runnable::run);
        permissions.prepare(ANN, PLAN);

        assertThat(permissions.granted(ANN, PLAN)).containsExactly(Action.READ);
    }
}
