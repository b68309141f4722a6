package dev.tutti.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Properties where MicroProfile Config finds them: in the system properties, then in environment variables, then in the application's file {@value
 * #FILE}. Works without an implementation of MicroProfile. Immutable.
 *
 * <p>Source: MicroProfile Config 3.1, "Default ConfigSources" and "Environment Variables Mapping Rules".
 */
public final class MicroProfileConfig {
    static final String FILE = "META-INF/microprofile-config.properties";

    private final UnaryOperator<@Nullable String> systemProperties;
    private final Map<String, String> environment;
    private final Properties file;

    MicroProfileConfig(
            UnaryOperator<@Nullable String> systemProperties, Map<String, String> environment, Properties file) {
        this.systemProperties = systemProperties;
        this.environment = Map.copyOf(environment);
        this.file = file;
    }

    /** Returns the properties of this process, with the file that the thread's class loader finds. */
    public static MicroProfileConfig current() {
        Properties file = new Properties();
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try (InputStream in =
                (loader == null ? ClassLoader.getSystemClassLoader() : loader).getResourceAsStream(FILE)) {
            if (in != null) {
                file.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + " cannot be read", e);
        }
        return new MicroProfileConfig(System::getProperty, System.getenv(), file);
    }

    /** Returns the properties of a lookup alone. */
    public static MicroProfileConfig of(UnaryOperator<@Nullable String> lookup) {
        return new MicroProfileConfig(lookup, Map.of(), new Properties());
    }

    /** Returns the value of a property; null if nothing sets it, or to an empty text. */
    public @Nullable String get(String name) {
        String variable = name.replaceAll("[^A-Za-z0-9]", "_");
        String[] candidates = {
            systemProperties.apply(name),
            environment.get(name),
            environment.get(variable),
            environment.get(variable.toUpperCase(Locale.ROOT)),
            file.getProperty(name)
        };
        for (String value : candidates) {
            if (value != null) {
                return value.isEmpty() ? null : value;
            }
        }
        return null;
    }
}
