package dev.tutti.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.MemoryStore;
import dev.tutti.document.StoreException;
import dev.tutti.settings.Settings;
import dev.tutti.store.file.FileStore;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Driver;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentStoresTest {
    @TempDir
    Path directory;

    private static StoreOptions options(Map<String, String> given) {
        return Settings.read(StoreOptions.class, given::get);
    }

    @Test
    void standaloneDefaultsToADirectory() {
        assertThat(options(Map.of()).isMemory()).isFalse();
        assertThat(options(Map.of("data", "none")).isMemory()).isTrue();
        assertThat(options(Map.of("data", "")).isMemory()).isTrue();
        assertThat(options(Map.of("data", "none", "database", "jdbc:postgresql:x"))
                        .isMemory())
                .isFalse();
    }

    @Test
    void serverMayHaveADirectoryBesidesADatabase() {
        Map<String, String> database = Map.of("database", "jdbc:postgresql:x");
        assertThat(options(database).directory()).isEqualTo(Path.of("data"));
        assertThat(Settings.read(StoreOptions.class, StoreOptions.inContainer(database::get))
                        .directory())
                .isNull();
    }

    @Test
    void containerDefaultsToMemory() {
        Map<String, String> given = Map.of("data", "documents");
        assertThat(Settings.read(StoreOptions.class, StoreOptions.inContainer(name -> null))
                        .isMemory())
                .isTrue();
        assertThat(Settings.read(StoreOptions.class, StoreOptions.inContainer(given::get))
                        .data())
                .isEqualTo("documents");
    }

    @Test
    void passwordIsNotShown() {
        StoreOptions options =
                options(Map.of("database", "jdbc:postgresql://h/d?password=pw1", "database-password", "pw2"));
        assertThat(options.toString()).doesNotContain("pw1").doesNotContain("pw2");
    }

    @Test
    void optionsSelectTheStore() {
        try (DocumentStore store = DocumentStores.open(options(Map.of("data", "none")))) {
            assertThat(store).isInstanceOf(MemoryStore.class);
        }
        try (DocumentStore store = DocumentStores.open(options(Map.of("data", directory.toString())))) {
            assertThat(store).isInstanceOf(FileStore.class);
        }
        assertThatThrownBy(() -> DocumentStores.open(options(Map.of("database", "ldap://somewhere"))))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("must be a URL");
        assertThatThrownBy(() -> DocumentStores.open(options(Map.of("database", "java:comp/env/jdbc/none"))))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no data source has this name");
    }

    /** An application that embeds Tutti may leave out the libraries of the stores that it does not use. */
    @ParameterizedTest
    @CsvSource({
        "data, documents, com.h2database:h2-mvstore",
        "database, jdbc:postgresql://localhost/none, org.postgresql:postgresql",
        "backups, backups, com.h2database:h2-mvstore"
    })
    void missingLibraryIsNamed(String setting, String value, String library) throws Exception {
        URL classes = DocumentStores.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader tuttiAlone =
                new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
            Class<?> optionsType = tuttiAlone.loadClass(StoreOptions.class.getName());
            UnaryOperator<String> lookup = name -> name.equals(setting) ? value : name.equals("data") ? "none" : null;
            Object given = tuttiAlone
                    .loadClass(Settings.class.getName())
                    .getMethod("read", Class.class, UnaryOperator.class)
                    .invoke(null, optionsType, lookup);
            Method open = tuttiAlone.loadClass(DocumentStores.class.getName()).getMethod("open", optionsType);

            assertThatThrownBy(() -> open.invoke(null, given))
                    .cause()
                    .hasMessage(setting + ": add the library " + library + " to this application");
        }
    }

    @Test
    void ownDriversAreDeregistered() throws Exception {
        List<Driver> before = DriverManager.drivers().toList();
        assertThat(before)
                .anyMatch(driver ->
                        driver.getClass().getClassLoader() == getClass().getClassLoader());
        DocumentStores.deregisterDrivers();
        try {
            assertThat(DriverManager.drivers())
                    .noneMatch(driver ->
                            driver.getClass().getClassLoader() == getClass().getClassLoader());
        } finally {
            for (Driver driver : before) { // others in this process need them
                DriverManager.deregisterDriver(driver);
                DriverManager.registerDriver(driver);
            }
        }
    }
}
