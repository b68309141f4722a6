package dev.tutti.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteKeysTest {
    private static final RSAKey NEW = Signed.rsa("rsa-2");

    private final Queue<Runnable> background = new ArrayDeque<>();
    private long nanos = Long.MAX_VALUE - RemoteKeys.RETRY_NANOS; // the clock wraps during the test
    private String published = Signed.jwks(Signed.RSA);
    private boolean isAway;
    private int fetches;

    private final RemoteKeys keys =
            new RemoteKeys("https://issuer.example", this::fetch, Set.of(JWSAlgorithm.RS256), () -> nanos);

    private String fetch() throws IOException {
        fetches++;
        if (isAway) {
            throw new IOException("away");
        }
        return published;
    }

    /** Advances the clock, then handles a tick and what it starts. */
    private void after(long more) {
        nanos += more;
        keys.tick(background::add);
        while (!background.isEmpty()) {
            background.remove().run();
        }
    }

    private boolean knows(RSAKey key) {
        VerificationKeys current = keys.current();
        return current != null
                && current.verifier(new JWSHeader.Builder(JWSAlgorithm.RS256)
                                .keyID(key.getKeyID())
                                .build())
                        != null;
    }

    @Test
    void firstTickFetches() {
        assertThat(keys.current()).isNull();

        after(0);

        assertThat(knows(Signed.RSA)).isTrue();
        assertThat(fetches).isEqualTo(1);
    }

    @Test
    void keysAreFetchedAheadOfTheirUse() {
        after(0);
        published = Signed.jwks(NEW);
        after(RemoteKeys.REFRESH_NANOS - 1);
        assertThat(knows(NEW)).isFalse();

        after(1);

        assertThat(knows(NEW)).isTrue();
        assertThat(knows(Signed.RSA)).isFalse();
        assertThat(fetches).isEqualTo(2);
    }

    @Test
    void oldKeysLiveOnWhileTheServerIsAway() {
        after(0);
        isAway = true;
        for (int i = 0; i < 100; i++) {
            after(RemoteKeys.REFRESH_NANOS);
        }
        assertThat(knows(Signed.RSA)).isTrue();

        isAway = false;
        published = Signed.jwks(NEW);
        after(RemoteKeys.RETRY_NANOS);

        assertThat(knows(NEW)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>",
                "{}",
                "{\"keys\":[]}",
                "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
                "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AQAB\",\"kid\":\"short\"}]}",
                "{\"keys\":7}",
            })
    void oldKeysLiveOnWhileTheServerLies(String lie) {
        after(0);
        published = lie;

        after(RemoteKeys.REFRESH_NANOS);

        assertThat(fetches).isEqualTo(2);
        assertThat(knows(Signed.RSA)).isTrue();
    }

    @Test
    void unknownKeyAsksAgainEvery30Seconds() {
        after(0);
        published = Signed.jwks(Signed.RSA, NEW);
        for (int i = 0; i < 29; i++) {
            keys.keyIsUnknown();
            after(1_000_000_000L);
        }
        assertThat(fetches).isEqualTo(1);

        after(1_000_000_000L);

        assertThat(fetches).isEqualTo(2);
        assertThat(knows(NEW)).isTrue();
        after(RemoteKeys.RETRY_NANOS);
        assertThat(fetches).isEqualTo(2);
    }

    @Test
    void slowFetchIsTheOnlyOne() {
        keys.tick(background::add);
        nanos += RemoteKeys.REFRESH_NANOS;
        keys.tick(background::add);

        assertThat(background).hasSize(1);
        background.remove().run();
        assertThat(knows(Signed.RSA)).isTrue();
    }
}
