package dev.tutti.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RevocationsTest {
    private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");

    private final Revocations revocations = new Revocations();

    private static Identity token(String user, @Nullable String jti, @Nullable Instant issued) {
        Map<String, String> attributes = new HashMap<>();
        if (jti != null) {
            attributes.put("jti", jti);
        }
        if (issued != null) {
            attributes.put("iat", issued.toString());
        }
        return new Identity(Way.TOKEN, user, Set.of(), attributes, null);
    }

    @Test
    void earlierTokensOfTheUserAreRevoked() {
        revocations.revokeUser("ann", NOON);

        assertThat(revocations.include(token("ann", null, NOON.minusSeconds(1))))
                .isTrue();
        assertThat(revocations.include(token("ann", null, NOON))).isFalse();
        assertThat(revocations.include(token("ben", null, NOON.minusSeconds(1))))
                .isFalse();
    }

    @Test
    void tokenThatHidesItsAgeIsRevoked() {
        assertThat(revocations.include(token("ann", null, null))).isFalse();
        revocations.revokeUser("ann", NOON);

        assertThat(revocations.include(token("ann", null, null))).isTrue();
    }

    @Test
    void oneTokenIsRevokedByItsId() {
        revocations.revokeToken("t-1", NOON);

        assertThat(revocations.include(token("ann", "t-1", NOON))).isTrue();
        assertThat(revocations.include(token("ann", "t-2", NOON))).isFalse();
        assertThat(revocations.include(token("t-1", null, NOON.minusSeconds(1))))
                .isFalse();
    }

    @Test
    void eachRevocationIsCounted() {
        revocations.revokeUser("ann", NOON);
        revocations.revokeUser("ann", NOON);
        revocations.revokeToken("t-1", NOON);

        assertThat(revocations.total()).isEqualTo(3);
    }

    @Test
    void otherWaysHaveNoTokens() {
        revocations.revokeUser("ann", NOON);

        assertThat(revocations.include(Identity.named("ann"))).isFalse();
    }

    @Test
    void earlierTimeDoesNotTakeBackALaterOne() {
        revocations.revokeUser("ann", NOON);
        revocations.revokeUser("ann", NOON.minusSeconds(60));

        assertThat(revocations.include(token("ann", null, NOON.minusSeconds(1))))
                .isTrue();
    }

    @Test
    void forgottenRevocationRevokesAllEarlierTokens() {
        revocations.revokeUser("ann", NOON);
        for (int i = 0; i < Revocations.MAX - 1; i++) {
            revocations.revokeToken("t-" + i, NOON.plusSeconds(60));
        }
        assertThat(revocations.include(token("ben", null, NOON.minusSeconds(1))))
                .isFalse();

        revocations.revokeToken("one more", NOON.plusSeconds(60));

        assertThat(revocations.include(token("ann", null, NOON.minusSeconds(1))))
                .isTrue();
        assertThat(revocations.include(token("ben", null, NOON.minusSeconds(1))))
                .isTrue();
        assertThat(revocations.include(token("ben", null, NOON))).isFalse();
        assertThat(revocations.include(token("ben", "t-0", NOON))).isTrue();
    }

    @Test
    void repeatedRevocationIsTheLatest() {
        revocations.revokeUser("ann", NOON);
        for (int i = 0; i < Revocations.MAX - 1; i++) {
            revocations.revokeToken("t-" + i, NOON.minusSeconds(3_600));
        }
        revocations.revokeUser("ann", NOON);

        revocations.revokeToken("one more", NOON);

        assertThat(revocations.include(token("ben", null, NOON.minusSeconds(1))))
                .isFalse();
    }

    @Test
    void listHoldsAllThatAnotherServerNeeds() {
        revocations.revokeUser("ann", NOON);
        for (int i = 0; i < Revocations.MAX; i++) {
            revocations.revokeToken("t-" + i, NOON.plusSeconds(60));
        }
        Revocations other = new Revocations();

        assertThat(other.merge(revocations.list())).isTrue();

        assertThat(other.list()).containsExactlyElementsOf(revocations.list());
        assertThat(other.include(token("ben", "t-7", NOON.plusSeconds(59)))).isTrue();
        assertThat(other.include(token("ben", null, NOON.minusSeconds(1)))).isTrue();
        assertThat(other.merge(revocations.list())).isFalse();
        assertThat(other.total()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 257})
    void nameHasABound(int length) {
        assertThatIllegalArgumentException().isThrownBy(() -> revocations.revokeUser("a".repeat(length), NOON));
        assertThatIllegalArgumentException().isThrownBy(() -> revocations.revokeToken("a".repeat(length), NOON));
    }

    @Test
    void revokedTokenHasNoRights() {
        Access access = new Access(token("ann", "t-1", NOON), revocations.restrict(Permissions.ALLOW_ALL));
        assertThat(access.inRoom("a").include(Action.READ)).isTrue();

        revocations.revokeToken("t-1", NOON);

        assertThat(access.isRevoked()).isTrue();
        for (Action action : Action.values()) {
            assertThat(access.inRoom("a").include(action)).isFalse();
            assertThat(access.onServer().include(action)).isFalse();
        }
    }

    @Test
    void gateRefusesARevokedToken() {
        Gate gate = new Gate(
                new Gate.Options(Ways.valueOf("token,open")),
                Origins.of(new Origins.Options("")),
                text -> token(text, null, NOON));
        Caller ann = Caller.of(
                "192.0.2.1", name -> name.equals("Authorization") ? List.of("Bearer ann") : List.of(), null, null);
        assertThat(gate.admit(ann).user()).isEqualTo("ann");

        gate.revocations().revokeUser("ann", NOON.plusSeconds(1));

        assertThatThrownBy(() -> gate.admit(ann))
                .isInstanceOf(UnauthenticatedException.class)
                .hasMessage(Revocations.REVOKED);
        assertThatThrownBy(() -> gate.authenticate("ann", "")).isInstanceOf(UnauthenticatedException.class);
        assertThat(gate.authenticate("ben", "").user()).isEqualTo("ben");
    }
}
