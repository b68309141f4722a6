package dev.tutti.settings;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** A file of settings: Java properties in UTF-8, with the names of the settings. Stateless. */
public final class ConfigFile {
    /** The name of the setting that names the file. The file itself cannot contain it. */
    static final String SETTING = "config";

    private ConfigFile() {}

    /** The setting that names the file. */
    public record Options(
            @Setting(value = "", help = "file with settings: Java properties, such as max-rooms=1000")
            String config) {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException if it cannot be read, or is no file of properties
     */
    static SettingSource read(String file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(file), UTF_8)) {
            properties.load(reader);
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException(SETTING + ": the file " + file + " cannot be read", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(SETTING + ": " + file + ": " + e.getMessage(), e);
        }
        Map<String, String> values = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name)));
        return SettingSource.file(file, values);
    }
}
