package dev.tutti.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesTest {
    private static final List<String> ALL = List.of("read", "write", "presence", "manage");

    private static final Identity GUEST = Identity.visitor(Way.OPEN);
    private static final Identity ANN = user("ann", null);
    private static final Identity EDITOR = user("ed", null, "editor");

    private static Identity user(String name, @Nullable List<Grant> grants, String... roles) {
        return new Identity(Way.TOKEN, name, Set.of(roles), Map.of(), null, grants);
    }

    private static Rules rules(Object... rules) {
        return Rules.of(Grants.ofRules(List.of(rules)));
    }

    /** Returns the actions that are granted. */
    private static Set<Action> rights(Rules rules, Identity identity, Resource resource) {
        Set<Action> granted = EnumSet.noneOf(Action.class);
        for (Action action : Action.values()) {
            if (rules.allow(identity, action, resource)) {
                granted.add(action);
            }
        }
        return granted;
    }

    @Test
    void defaultGrantsAllButManage() {
        Rules rules = Rules.byDefault();
        for (Resource resource : List.of(Resource.room(""), Resource.room("a"), Resource.document("a"))) {
            assertThat(rights(rules, Identity.ANONYMOUS, resource)).isEmpty();
            assertThat(rights(rules, Identity.visitor(Way.LOCAL), resource)).containsExactly(Action.values());
            for (Identity identity : List.of(GUEST, Identity.named("ann"), ANN)) {
                assertThat(rights(rules, identity, resource))
                        .containsExactly(Action.READ, Action.WRITE, Action.PRESENCE);
            }
        }
        assertThat(rights(rules, ANN, Resource.ALL_DOCUMENTS)).doesNotContain(Action.MANAGE);
    }

    @Test
    void ruleIsForEverybodyOrAUserOrARole() {
        Rules rules = rules(
                Map.of("rooms", List.of("lobby"), "may", List.of("read")),
                Map.of("user", "ann", "rooms", List.of("lobby"), "may", List.of("write")),
                Map.of("role", "editor", "documents", List.of("plan"), "may", ALL));

        assertThat(rights(rules, GUEST, Resource.room("lobby"))).containsExactly(Action.READ);
        assertThat(rights(rules, ANN, Resource.room("lobby"))).containsExactly(Action.READ, Action.WRITE);
        assertThat(rights(rules, ANN, Resource.room("plan"))).isEmpty();
        assertThat(rights(rules, ANN, Resource.document("plan"))).isEmpty();
        assertThat(rights(rules, ANN, Resource.document("lobby"))).isEmpty();
        assertThat(rights(rules, EDITOR, Resource.document("plan")))
                .containsExactly(Action.READ, Action.WRITE, Action.PRESENCE, Action.MANAGE);
        assertThat(rights(rules, EDITOR, Resource.room("plan"))).isEmpty();
        assertThat(rights(rules, Identity.ANONYMOUS, Resource.room("lobby"))).isEmpty();
    }

    @Test
    void userAndRoleOfOneRuleMustBothFit() {
        Rules rules = rules(Map.of("user", "ann", "role", "editor", "rooms", List.of("a"), "may", List.of("read")));

        assertThat(rights(rules, ANN, Resource.room("a"))).isEmpty();
        assertThat(rights(rules, EDITOR, Resource.room("a"))).isEmpty();
        assertThat(rights(rules, user("ann", null, "editor"), Resource.room("a")))
                .containsExactly(Action.READ);
    }

    @Test
    void noRulesGrantNothing() {
        assertThat(rights(rules(), ANN, Resource.room("a"))).isEmpty();
        assertThat(rights(rules(), Identity.visitor(Way.LOCAL), Resource.room("a")))
                .containsExactly(Action.values());
    }

    @Test
    void tokenCarriesRights() {
        Identity bearer =
                user("ben", Grants.ofClaim(List.of(Map.of("documents", List.of("plan"), "may", List.of("read")))));

        for (Rules rules : List.of(Rules.byDefault(), rules())) {
            assertThat(rights(rules, bearer, Resource.document("plan"))).containsExactly(Action.READ);
            assertThat(rights(rules, bearer, Resource.document("plans"))).isEmpty();
            assertThat(rights(rules, bearer, Resource.room("plan"))).isEmpty();
        }
        Rules more = rules(Map.of("rooms", List.of("*"), "may", List.of("read")));
        assertThat(rights(more, bearer, Resource.room("plan"))).containsExactly(Action.READ);
        assertThat(rights(more, bearer, Resource.document("plan"))).containsExactly(Action.READ);
    }

    @Test
    void emptyClaimGrantsNothing() {
        assertThat(rights(Rules.byDefault(), user("ben", List.of()), Resource.room("a")))
                .isEmpty();
    }

    @Test
    void managerOfSomeDocumentsMayListThem() {
        Rules rules = rules(
                Map.of("user", "ann", "documents", List.of("team-*"), "may", List.of("manage")),
                Map.of("role", "editor", "rooms", List.of("*"), "may", List.of("manage")));

        assertThat(rights(rules, ANN, Resource.ALL_DOCUMENTS)).containsExactly(Action.MANAGE);
        assertThat(rights(rules, EDITOR, Resource.ALL_DOCUMENTS)).isEmpty();
        assertThat(rights(rules, GUEST, Resource.ALL_DOCUMENTS)).isEmpty();
    }

    @Test
    void administratorsAreNamedOrLocal() {
        Rules rules = rules(
                Map.of("role", "editor", "may", List.of("admin")),
                Map.of("rooms", List.of("*"), "documents", List.of("*"), "may", ALL));

        assertThat(rights(rules, EDITOR, Resource.SERVER)).containsExactly(Action.ADMIN);
        assertThat(rights(rules, Identity.visitor(Way.LOCAL), Resource.SERVER)).contains(Action.ADMIN);
        for (Rules each : List.of(rules, Rules.byDefault())) {
            for (Identity identity : List.of(Identity.ANONYMOUS, GUEST, ANN, Identity.named("ann"))) {
                assertThat(rights(each, identity, Resource.SERVER)).isEmpty();
            }
        }
        assertThat(rights(rules, EDITOR, Resource.room("a"))).doesNotContain(Action.ADMIN);
        assertThat(rights(rules, EDITOR, Resource.document("a"))).doesNotContain(Action.ADMIN);
    }

    @Test
    void tokenMakesItsBearerAnAdministrator() {
        Identity bearer = user("ops", Grants.ofClaim(List.of(Map.of("may", List.of("admin")))));

        assertThat(rights(Rules.byDefault(), bearer, Resource.SERVER)).containsExactly(Action.ADMIN);
        assertThat(rights(Rules.byDefault(), bearer, Resource.room("a"))).isEmpty();
        assertThat(rights(Rules.byDefault(), bearer, Resource.ALL_DOCUMENTS)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "team-*, team-, ann, true",
        "team-*, team-blue, ann, true",
        "team-*, team, ann, false",
        "team-*, xteam-a, ann, false",
        "*, '', ann, true",
        "*, a, ann, true",
        "'', '', ann, true",
        "'', a, ann, false",
        "a*b*c, abc, ann, true",
        "a*b*c, a-b-b-c, ann, true",
        "a*b*c, acb, ann, false",
        "ab*ba, aba, ann, false",
        "a**b, ab, ann, true",
        "home-{user}, home-ann, ann, true",
        "home-{user}, home-bob, ann, false",
        "home-{user}, home-, '', false",
        "{user}, '', '', false",
        "home-{user}-*, home-ann-1, ann, true",
        "{user}, 'ann', '*', false",
        "TEAM-*, team-a, ann, false",
        "a.c, abc, ann, false",
    })
    void patternMatchesNames(String pattern, String name, String user, boolean matches) {
        assertThat(NamePattern.of(pattern).matches(name, user)).isEqualTo(matches);
    }

    @Test
    void malformedRuleIsRefused() {
        assertRefused(Map.of(), "array of rules");
        assertRefused(List.of("read"), "a rule is an object");
        assertRefused(rule(Map.of("rooms", List.of("a"))), "lacks 'may'");
        assertRefused(rule(Map.of("may", List.of("read"))), "lacks 'rooms' and 'documents'");
        assertRefused(rule(Map.of("rooms", "a", "may", List.of("read"))), "'rooms' is not an array");
        assertRefused(rule(Map.of("rooms", List.of(7), "may", List.of("read"))), "'rooms' is not an array of strings");
        assertRefused(rule(Map.of("rooms", List.of("a"), "may", List.of("READ"))), "'READ' is none of");
        assertRefused(rule(Map.of("rooms", List.of("a"), "may", List.of("read"), "user", "")), "'user' is not a name");
        assertRefused(rule(Map.of("rooms", List.of("a"), "may", List.of("read"), "except", "b")), "no member 'except'");
        assertRefused(rule(Map.of("may", List.of("admin"))), "lacks 'user' or 'role'");
        assertRefused(rule(Map.of("role", "ops", "may", List.of("admin", "read"))), "'admin' has no");
        assertRefused(rule(Map.of("role", "ops", "rooms", List.of("*"), "may", List.of("admin"))), "'admin' has no");
    }

    private static List<Object> rule(Map<String, Object> rule) {
        return List.of(rule);
    }

    private static void assertRefused(Object rules, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Grants.ofRules(rules))
                .withMessageContaining(reason);
    }

    @Test
    void claimNamesNoUser() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Grants.ofClaim(rule(Map.of("rooms", List.of("a"), "may", List.of("read"), "user", "ann"))));
    }
}
