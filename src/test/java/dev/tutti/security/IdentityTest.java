package dev.tutti.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {
    private static final String SECRET = "0123456789abcdef";
    private static final Instant NOW = Instant.parse("2026-11-28T07:00:00Z");

    private static Identity guest(String secret) {
        return Identity.visitor(Way.OPEN).withGuestSecret(secret);
    }

    @Test
    void secretDoesNotRenameAUser() {
        assertThat(Identity.named("Ann").withGuestSecret(SECRET)).isEqualTo(Identity.named("Ann"));
    }

    @Test
    void guestHasTheSameNameForTheSameSecret() {
        assertThat(guest(SECRET)).isEqualTo(guest(SECRET));
        assertThat(guest(SECRET).user()).isNotEqualTo(guest("fedcba9876543210").user());
    }

    @Test
    void guestNameDoesNotContainTheSecret() {
        assertThat(guest(SECRET).user()).matches("guest:[A-Za-z0-9_-]{12}").doesNotContain(SECRET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tooshort", "0123456789abcde", "0123456789abcdef!", "0123456789abcdeé"})
    void malformedSecretIsAnonymous(String secret) {
        assertThat(guest(secret)).isEqualTo(Identity.visitor(Way.OPEN));
    }

    @Test
    void secretIsAtMost64Characters() {
        assertThat(guest("s".repeat(64)).user()).startsWith("guest:");
        assertThat(guest("s".repeat(65))).isEqualTo(Identity.visitor(Way.OPEN));
    }

    @Test
    void identityEndsAtItsExpiry() {
        Identity identity = new Identity(Way.CONTAINER, "Ann", Set.of(), Map.of(), NOW);

        assertThat(identity.isExpired(NOW.minusMillis(1))).isFalse();
        assertThat(identity.isExpired(NOW)).isTrue();
        assertThat(Identity.named("Ann").isExpired(Instant.MAX)).isFalse();
    }

    @Test
    void identityKeepsCopies() {
        Set<String> roles = new HashSet<>(Set.of("editor"));
        Map<String, String> attributes = new HashMap<>(Map.of("team", "blue"));
        Identity identity = new Identity(Way.CONTAINER, "Ann", roles, attributes, null);
        roles.clear();
        attributes.clear();

        assertThat(identity.roles()).containsExactly("editor");
        assertThat(identity.attributes()).containsEntry("team", "blue");
        assertThatThrownBy(() -> identity.roles().add("admin")).isInstanceOf(UnsupportedOperationException.class);
    }
}
