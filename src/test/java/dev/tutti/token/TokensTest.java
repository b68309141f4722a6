package dev.tutti.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.tutti.security.Grants;
import dev.tutti.security.Identity;
import dev.tutti.security.UnauthenticatedException;
import dev.tutti.security.Way;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
    private static final Set<JWSAlgorithm> PUBLIC = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256);
    private static final String JWKS = Signed.jwks(Signed.RSA, Signed.EC);
    private static final int SKEW_SECONDS = 30;

    private static final Tokens TOKENS = tokens(VerificationKeys.parse(JWKS, PUBLIC));

    private static Tokens tokens(VerificationKeys keys) {
        return tokens(() -> keys, () -> Signed.NOW);
    }

    private static Tokens tokens(KeySource keys, InstantSource clock) {
        return new Tokens(keys, new TokenOptions("keys", "", "", Signed.ISSUER, Signed.AUDIENCE, SKEW_SECONDS), clock);
    }

    private static JWSHeader.Builder header(JWSAlgorithm algorithm) {
        return new JWSHeader.Builder(algorithm);
    }

    private static String with(Consumer<JWTClaimsSet.Builder> change) {
        return Signed.token(change);
    }

    private static String unsigned(String header, String payload, String signature) {
        return Base64URL.encode(header) + "." + Base64URL.encode(payload) + "." + signature;
    }

    private static String claimsText() {
        return Signed.claims().build().toString();
    }

    @Test
    void tokenNamesTheUser() {
        Identity ann = TOKENS.verify(with(claims ->
                claims.claim("groups", List.of("editor", "team")).jwtID("7").issueTime(Signed.at(-5))));

        assertThat(ann)
                .isEqualTo(new Identity(
                        Way.TOKEN,
                        "ann",
                        Set.of("editor", "team"),
                        Map.of("iss", Signed.ISSUER, "jti", "7", "iat", "2026-11-28T11:59:55Z"),
                        Signed.NOW.plusSeconds(3600 + SKEW_SECONDS)));
    }

    @Test
    void tokenCarriesRights() {
        List<Object> rights = List.of(Map.of("documents", List.of("plan"), "may", List.of("read")));

        assertThat(TOKENS.verify(with(claims -> claims.claim("tutti", rights))).grants())
                .isEqualTo(Grants.ofClaim(rights));
        assertThat(TOKENS.verify(with(claims -> claims.claim("tutti", List.of())))
                        .grants())
                .isEmpty();
    }

    @Test
    void connectionOfAnEndlessTokenEndsNextYear() {
        for (String end : new String[] {"253402300799", "9007199254740991", "1e14"}) {
            String token = Signed.tokenOf(claimsText().replaceFirst("\"exp\":\\d+", "\"exp\":" + end));

            assertThat(TOKENS.verify(token).expiresAt()).isEqualTo(Signed.NOW.plus(Duration.ofDays(366)));
        }
    }

    @ParameterizedTest
    @CsvSource({"upn-name, preferred-name, upn-name", ", preferred-name, preferred-name", ",, ann"})
    void firstNameOfTheUserCounts(String upn, String preferred, String expected) {
        String token = with(claims -> claims.claim("upn", upn).claim("preferred_username", preferred));

        assertThat(TOKENS.verify(token).user()).isEqualTo(expected);
    }

    static Stream<String> goodTokens() {
        return Stream.of(
                Signed.token(header(JWSAlgorithm.RS256).keyID("rsa-1").build(), Signed.RSA),
                Signed.token(header(JWSAlgorithm.ES256).keyID("ec-1").build(), Signed.EC),
                Signed.token(
                        header(JWSAlgorithm.RS256)
                                .keyID("rsa-1")
                                .type(JOSEObjectType.JWT)
                                .build(),
                        Signed.RSA),
                Signed.token(
                        header(JWSAlgorithm.RS256)
                                .keyID("rsa-1")
                                .type(new JOSEObjectType("at+jwt"))
                                .build(),
                        Signed.RSA),
                with(claims -> claims.audience(List.of("other", Signed.AUDIENCE))),
                with(claims -> claims.expirationTime(Signed.at(1 - SKEW_SECONDS))),
                with(claims -> claims.notBeforeTime(Signed.at(SKEW_SECONDS))),
                with(claims -> claims.claim("unknown", Map.of("a", List.of(1, 2)))));
    }

    @ParameterizedTest
    @MethodSource("goodTokens")
    void goodTokenPasses(String token) {
        assertThat(TOKENS.verify(token).user()).isEqualTo("ann");
    }

    /** Each hostile token, and a part of the reason of its refusal. */
    static Stream<Arguments> hostileTokens() {
        return Stream.of(algorithms(), headers(), claims(), texts()).flatMap(part -> part);
    }

    private static Stream<Arguments> algorithms() {
        String none = claimsText();
        byte[] publicKey = Signed.RSA.toPublicJWK().toJSONString().getBytes(UTF_8);
        return Stream.of(
                arguments("none", unsigned("{\"alg\":\"none\"}", none, ""), "expected form"),
                arguments("none with a signature", unsigned("{\"alg\":\"none\"}", none, "AAAA"), "expected form"),
                arguments("None", unsigned("{\"alg\":\"None\"}", none, "AAAA"), "algorithm"),
                arguments("no alg", unsigned("{}", none, "AAAA"), "expected form"),
                arguments("alg twice", unsigned("{\"alg\":\"RS256\",\"alg\":\"none\"}", none, "AAAA"), ""),
                arguments("no signature", unsigned("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", none, ""), ""),
                arguments(
                        "HMAC with the public key",
                        Signed.token(header(JWSAlgorithm.HS256).keyID("rsa-1").build(), publicKey),
                        "algorithm"),
                arguments(
                        "HMAC with the JWKS",
                        Signed.token(header(JWSAlgorithm.HS256).build(), JWKS.getBytes(UTF_8)),
                        "algorithm"),
                arguments(
                        "RS512",
                        Signed.token(header(JWSAlgorithm.RS512).keyID("rsa-1").build(), Signed.RSA),
                        "algorithm"),
                arguments(
                        "RS256 with an EC key's name",
                        Signed.token(header(JWSAlgorithm.RS256).keyID("ec-1").build(), Signed.RSA),
                        "key is unknown"),
                arguments(
                        "ES256 of zeros", // CVE-2022-21449
                        unsigned(
                                "{\"alg\":\"ES256\",\"kid\":\"ec-1\"}",
                                none,
                                Base64URL.encode(new byte[64]).toString()),
                        "signature"));
    }

    private static Stream<Arguments> headers() {
        URI address = URI.create("https://attacker.example/keys");
        return Stream.of(
                arguments(
                        "another's key",
                        Signed.token(header(JWSAlgorithm.RS256).keyID("rsa-1").build(), Signed.ATTACKER),
                        "signature"),
                arguments(
                        "jwk",
                        Signed.token(
                                header(JWSAlgorithm.RS256)
                                        .jwk(Signed.ATTACKER.toPublicJWK())
                                        .keyID("rsa-1")
                                        .build(),
                                Signed.ATTACKER),
                        "signature"),
                arguments(
                        "jwk without kid",
                        Signed.token(
                                header(JWSAlgorithm.RS256)
                                        .jwk(Signed.ATTACKER.toPublicJWK())
                                        .build(),
                                Signed.ATTACKER),
                        "key is unknown"),
                arguments(
                        "jku",
                        Signed.token(
                                header(JWSAlgorithm.RS256)
                                        .jwkURL(address)
                                        .keyID("attacker")
                                        .build(),
                                Signed.ATTACKER),
                        "key is unknown"),
                arguments(
                        "x5u",
                        Signed.token(
                                header(JWSAlgorithm.RS256)
                                        .x509CertURL(address)
                                        .keyID("rsa-1")
                                        .build(),
                                Signed.ATTACKER),
                        "signature"),
                arguments(
                        "unknown kid",
                        Signed.token(header(JWSAlgorithm.RS256).keyID("rsa-2").build(), Signed.RSA),
                        "key is unknown"),
                arguments(
                        "kid as a path",
                        Signed.token(
                                header(JWSAlgorithm.RS256)
                                        .keyID("../../dev/null")
                                        .build(),
                                Signed.RSA),
                        "key is unknown"),
                arguments(
                        "missing kid", Signed.token(header(JWSAlgorithm.RS256).build(), Signed.RSA), "key is unknown"),
                arguments(
                        "critical parameter",
                        Signed.token(
                                header(JWSAlgorithm.RS256)
                                        .keyID("rsa-1")
                                        .criticalParams(Set.of("exp"))
                                        .customParam("exp", 1)
                                        .build(),
                                Signed.RSA),
                        "critical"),
                arguments(
                        "logout token",
                        Signed.token(
                                header(JWSAlgorithm.RS256)
                                        .keyID("rsa-1")
                                        .type(new JOSEObjectType("logout+jwt"))
                                        .build(),
                                Signed.RSA),
                        "type"));
    }

    private static Stream<Arguments> claims() {
        return Stream.of(
                arguments("expired", with(claims -> claims.expirationTime(Signed.at(-SKEW_SECONDS))), "expired"),
                arguments("without expiry", with(claims -> claims.expirationTime(null)), "no expiry"),
                arguments("expiry as text", with(claims -> claims.claim("exp", "2099-01-01")), "expected form"),
                arguments(
                        "not yet valid",
                        with(claims -> claims.notBeforeTime(Signed.at(SKEW_SECONDS + 1))),
                        "not valid yet"),
                arguments("other issuer", with(claims -> claims.issuer("https://attacker.example")), "issuer"),
                arguments("longer issuer", with(claims -> claims.issuer(Signed.ISSUER + "/")), "issuer"),
                arguments("without issuer", with(claims -> claims.issuer(null)), "issuer"),
                arguments("other audience", with(claims -> claims.audience("other")), "audience"),
                arguments("without audience", with(claims -> claims.audience((String) null)), "audience"),
                arguments("without user", with(claims -> claims.subject(null)), "names no user"),
                arguments("empty user", with(claims -> claims.claim("upn", " ")), "valid name"),
                arguments("long user", with(claims -> claims.claim("upn", "u".repeat(257))), "valid name"),
                arguments("guest's name", with(claims -> claims.claim("upn", "guest:0123456789ab")), "valid name"),
                arguments("user as a number", with(claims -> claims.claim("upn", 7)), "expected form"),
                arguments("groups as text", with(claims -> claims.claim("groups", "admin")), "expected form"),
                arguments(
                        "no rights",
                        Signed.tokenOf(claimsText().replaceFirst("[{]", "{\"tutti\":null,")),
                        "expected form"),
                arguments(
                        "a member of a right twice",
                        Signed.tokenOf(claimsText()
                                .replaceFirst(
                                        "[{]",
                                        "{\"tutti\":[{\"rooms\":[\"a\"],\"rooms\":[\"*\"],\"may\":[\"read\"]}],")),
                        "expected form"),
                arguments("rights as text", with(claims -> claims.claim("tutti", "all")), "expected form"),
                arguments(
                        "rights with an unknown condition",
                        with(claims -> claims.claim(
                                "tutti",
                                List.of(Map.of(
                                        "rooms", List.of("*"), "may", List.of("read"), "except", List.of("secret"))))),
                        "expected form"),
                arguments("groups of numbers", with(claims -> claims.claim("groups", List.of(7))), "expected form"));
    }

    private static Stream<Arguments> texts() {
        String good = with(claims -> {});
        String claims = claimsText();
        String doubled = claims.substring(0, claims.length() - 1) + ",\"sub\":\"root\"}";
        return Stream.of(
                arguments("doubled claim", Signed.tokenOf(doubled), "expected form"),
                arguments("claims of no object", Signed.tokenOf("[]"), "no expiry"),
                arguments("claims of no JSON", Signed.tokenOf("{\"sub\":"), "expected form"),
                arguments("claims with more behind", Signed.tokenOf(claims + "{}"), "expected form"),
                arguments("deep claims", Signed.tokenOf("[".repeat(10_000)), "expected form"),
                arguments(
                        "deep claims of nobody",
                        unsigned("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", "{\"exp\":" + "[".repeat(10_000), "AAAA"),
                        "expected form"),
                arguments("deep header", unsigned("[".repeat(10_000), claims, "AAAA"), "expected form"),
                arguments("changed claims", changed(good), "signature"),
                arguments("cut signature", good.substring(0, good.length() - 4), "signature"),
                arguments("long", with(set -> set.claim("fill", "x".repeat(1 << 20))), "characters"),
                arguments("1 MB of dots", ".".repeat(1 << 20), "characters"),
                arguments("five parts", good + ".AAAA.AAAA", "expected form"),
                arguments("two parts", good.substring(0, good.lastIndexOf('.')), "expected form"),
                arguments("dots", "..", "expected form"),
                arguments("empty", "", "expected form"),
                arguments("garbage", "\u0000\ud800 \n{}", "expected form"));
    }

    private static String changed(String token) {
        String[] parts = token.split("\\.", -1);
        String claims = Base64URL.from(parts[1]).decodeToString().replace("\"ann\"", "\"bob\"");
        return parts[0] + "." + Base64URL.encode(claims) + "." + parts[2];
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostileTokens")
    void hostileTokenIsRefused(String name, String token, String reason) {
        UnauthenticatedException refusal =
                catchThrowableOfType(UnauthenticatedException.class, () -> TOKENS.verify(token));

        assertThat(refusal).as(name).isNotNull().hasMessageContaining(reason);
        assertThat(refusal.isTemporary()).isFalse();
        assertThat(refusal.getCause()).isNull();
        assertThat(refusal.reason()).matches("[ -~]+").hasSizeLessThan(124);
    }

    @Test
    void secretDoesNotAcceptPublicKeys() {
        byte[] secret = "a secret of the tests, long enough".getBytes(UTF_8);
        Tokens shared = tokens(VerificationKeys.ofSecret(secret, Set.of(JWSAlgorithm.HS256)));

        assertThat(shared.verify(Signed.token(header(JWSAlgorithm.HS256).build(), secret))
                        .user())
                .isEqualTo("ann");
        assertThat(catchThrowableOfType(
                        UnauthenticatedException.class,
                        () -> shared.verify(
                                Signed.token(header(JWSAlgorithm.RS256).build(), Signed.RSA))))
                .hasMessageContaining("algorithm");
    }

    @Test
    void onlyKeyNeedsNoName() {
        Tokens one = tokens(VerificationKeys.parse(Signed.jwks(Signed.RSA), PUBLIC));

        assertThat(one.verify(Signed.token(header(JWSAlgorithm.RS256).build(), Signed.RSA))
                        .user())
                .isEqualTo("ann");
    }

    @Test
    void tokenBeforeTheFirstKeysMayPassLater() {
        Tokens early = new Tokens(
                () -> null, new TokenOptions("keys", "", "", Signed.ISSUER, Signed.AUDIENCE, 0), () -> Signed.NOW);

        assertThat(catchThrowableOfType(UnauthenticatedException.class, () -> early.verify(with(claims -> {})))
                        .isTemporary())
                .isTrue();
    }

    @Test
    void knownTokenIsRefusedWithoutItsKey() throws Exception {
        RSAKey replacement =
                new RSAKeyGenerator(2048).keyID(Signed.RSA.getKeyID()).generate();
        AtomicReference<VerificationKeys> keys =
                new AtomicReference<>(VerificationKeys.parse(Signed.jwks(Signed.RSA), PUBLIC));
        Tokens tokens = tokens(keys::get, () -> Signed.NOW);
        String token = with(claims -> {});
        assertThat(tokens.verify(token).user()).isEqualTo("ann");
        assertThat(tokens.verify(token).user()).isEqualTo("ann");

        keys.set(VerificationKeys.parse(Signed.jwks(replacement), PUBLIC));

        assertThat(catchThrowableOfType(UnauthenticatedException.class, () -> tokens.verify(token)))
                .hasMessageContaining("signature is wrong");
    }

    @Test
    void knownTokenExpires() {
        AtomicReference<Instant> now = new AtomicReference<>(Signed.NOW);
        VerificationKeys keys = VerificationKeys.parse(JWKS, PUBLIC);
        Tokens tokens = tokens(() -> keys, now::get);
        String token = with(claims -> claims.expirationTime(Signed.at(10)));
        assertThat(tokens.verify(token).user()).isEqualTo("ann");

        now.set(Signed.NOW.plusSeconds(10 + SKEW_SECONDS + 1));

        assertThat(catchThrowableOfType(UnauthenticatedException.class, () -> tokens.verify(token)))
                .hasMessageContaining("expired");
    }

    @Test
    void wrongSignatureIsNeverKnown() {
        VerificationKeys keys = VerificationKeys.parse(JWKS, PUBLIC);
        Tokens tokens = tokens(() -> keys, () -> Signed.NOW);
        String good = with(claims -> {});
        String forged =
                good.substring(0, good.lastIndexOf('.') + 1) + "AAAA" + good.substring(good.lastIndexOf('.') + 5);
        tokens.verify(good);

        for (int i = 0; i < 3; i++) {
            assertThat(catchThrowableOfType(UnauthenticatedException.class, () -> tokens.verify(forged)))
                    .hasMessageContaining("signature is wrong");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", ""})
    void noAudienceAcceptsEach(String audiences) {
        VerificationKeys keys = VerificationKeys.parse(JWKS, PUBLIC);
        Tokens tokens =
                new Tokens(() -> keys, new TokenOptions("keys", "", "", Signed.ISSUER, audiences, 0), () -> Signed.NOW);

        assertThat(tokens.verify(with(claims -> claims.audience("other"))).user())
                .isEqualTo("ann");
    }
}
