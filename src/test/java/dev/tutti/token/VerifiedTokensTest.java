package dev.tutti.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import dev.tutti.security.Identity;
import java.nio.ByteBuffer;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VerifiedTokensTest {
    private static final int LENGTH = VerifiedTokens.MAX_CHARACTERS / 4;
    private static final Identity ANN = Identity.named("ann");

    private final VerificationKeys keys = keys();
    private final VerifiedTokens tokens = new VerifiedTokens();

    private static VerificationKeys keys() {
        return VerificationKeys.ofSecret(new byte[32], Set.of(JWSAlgorithm.HS256));
    }

    private void add(String... texts) {
        for (String text : texts) {
            tokens.add(VerifiedTokens.hash(text), keys, ANN, LENGTH);
        }
    }

    private boolean isKnown(String text) {
        return tokens.identity(VerifiedTokens.hash(text), keys) != null;
    }

    @Test
    void leastRecentlyUsedTokenIsForgottenBeyondTheBound() {
        add("a", "b", "c", "d");
        assertThat(isKnown("a")).isTrue();
        add("e");

        assertThat(tokens.size()).isEqualTo(4);
        assertThat(isKnown("a")).isTrue();
        assertThat(isKnown("b")).isFalse();
    }

    @Test
    void tokenThatIsAddedAgainCountsOnce() {
        for (int i = 0; i < 10; i++) {
            add("a");
        }
        add("b", "c", "d");

        assertThat(tokens.size()).isEqualTo(4);
    }

    @Test
    void otherKeysDoNotKnowTheToken() {
        ByteBuffer hash = VerifiedTokens.hash("a");
        tokens.add(hash, keys, ANN, LENGTH);

        assertThat(tokens.identity(hash, keys())).isNull();
        assertThat(tokens.identity(hash, keys)).isEqualTo(ANN);
    }
}
