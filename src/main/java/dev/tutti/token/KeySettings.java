package dev.tutti.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toUnmodifiableSet;

import com.nimbusds.jose.JWSAlgorithm;
import dev.tutti.remote.HttpCalls;
import dev.tutti.settings.WatchedFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes the {@link KeySource} that the settings describe. Stateless. */
final class KeySettings {
    private static final Logger LOG = System.getLogger(KeySettings.class.getName());

    private static final Pattern ADDRESS = Pattern.compile("https?://.+");

    private static final Pattern FILE_ADDRESS = Pattern.compile("file:.+");

    /** Of public keys. */
    private static final Set<JWSAlgorithm> PUBLIC = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512,
            JWSAlgorithm.EdDSA,
            JWSAlgorithm.Ed25519);

    private static final Set<JWSAlgorithm> SHARED = Set.of(JWSAlgorithm.HS256, JWSAlgorithm.HS384, JWSAlgorithm.HS512);

    private KeySettings() {}

    /**
     * Returns the keys of the settings.
     *
     * @throws IllegalArgumentException as {@link Tokens#of}
     */
    static KeySource source(TokenOptions options, LongSupplier nanoTime) {
        boolean hasKeys = !options.jwtKeys().isEmpty();
        if (hasKeys == !options.jwtSecret().isEmpty()) {
            throw new IllegalArgumentException(
                    "access: token needs the setting jwt-keys or, for development, jwt-secret; one of them");
        }
        if (!hasKeys) {
            return shared(options);
        }
        if (options.jwtIssuer().isEmpty()) {
            throw new IllegalArgumentException("jwt-issuer: required with jwt-keys");
        }
        if (options.jwtAudiences().isBlank()) {
            throw new IllegalArgumentException(
                    "jwt-audiences: required with jwt-keys; * also accepts tokens for other applications");
        }
        Set<JWSAlgorithm> algorithms = algorithms(options, PUBLIC, List.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256));
        return ADDRESS.matcher(options.jwtKeys()).matches()
                ? remote(options.jwtKeys(), algorithms, nanoTime)
                : file(options.jwtKeys(), algorithms);
    }

    private static KeySource shared(TokenOptions options) {
        Set<JWSAlgorithm> algorithms = algorithms(options, SHARED, List.of(JWSAlgorithm.HS256));
        try {
            VerificationKeys keys =
                    VerificationKeys.ofSecret(options.jwtSecret().getBytes(UTF_8), algorithms);
            return () -> keys;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("jwt-secret: " + e.getMessage(), e);
        }
    }

    private static KeySource file(String name, Set<JWSAlgorithm> algorithms) {
        try {
            String path = FILE_ADDRESS.matcher(name).matches()
                    ? Path.of(URI.create(name)).toString()
                    : name;
            String resource = resource(path);
            if (resource != null) {
                VerificationKeys keys = VerificationKeys.parse(resource, algorithms);
                return () -> keys;
            }
            return new FileKeys(WatchedFile.read("jwt-keys", path, text -> VerificationKeys.parse(text, algorithms)));
        } catch (IOException e) {
            throw new IllegalArgumentException("jwt-keys: " + name + " cannot be read", e);
        }
    }

    /** Returns the text of a resource of the application, which MicroProfile JWT allows; null if there is a file of that name, or no resource. */
    private static @Nullable String resource(String name) throws IOException {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        if (loader == null || isFile(name)) {
            return null;
        }
        try (InputStream in = loader.getResourceAsStream(name.startsWith("/") ? name.substring(1) : name)) {
            return in == null ? null : new String(in.readAllBytes(), UTF_8);
        }
    }

    private static boolean isFile(String name) {
        try {
            return Files.exists(Path.of(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static KeySource remote(String address, Set<JWSAlgorithm> algorithms, LongSupplier nanoTime) {
        URL url = HttpCalls.address("jwt-keys", address);
        if (!url.getProtocol().equals("https")) {
            LOG.log(Level.WARNING, "jwt-keys: anybody between here and {0} can replace the keys: use https", address);
        }
        return new RemoteKeys(address, new HttpFetcher(url, nanoTime), algorithms, nanoTime);
    }

    private static Set<JWSAlgorithm> algorithms(
            TokenOptions options, Set<JWSAlgorithm> possible, List<JWSAlgorithm> byDefault) {
        List<String> names = options.algorithms();
        if (names.isEmpty()) {
            return Set.copyOf(byDefault);
        }
        for (String name : names) {
            if (!possible.contains(new JWSAlgorithm(name))) {
                throw new IllegalArgumentException("jwt-algorithms: '" + name + "' is none of "
                        + possible.stream().map(JWSAlgorithm::getName).sorted().collect(joining(", ")));
            }
        }
        return names.stream().map(JWSAlgorithm::new).collect(toUnmodifiableSet());
    }
}
