package dev.tutti.security;

import dev.tutti.settings.Setting;
import dev.tutti.settings.WatchedFile;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Verifies the keys of the HTTP API by a file with their hashes, which is read again when it changes: a key whose line is removed ends within a
 * second. Several lines may have one name, while an old key is replaced by a new one. Safe for any thread.
 */
public final class ApiKeys implements TokenVerifier {
    /** The setting behind {@link #read}. */
    public record Options(
            @Setting(value = "", help = "file of API keys, each line: name, SHA-256 of the key, and maybe rights")
            String apiKeysFile) {}

    private final WatchedFile<List<ApiKey>> file;

    private ApiKeys(WatchedFile<List<ApiKey>> file) {
        this.file = file;
    }

    /**
     * Reads a file.
     *
     * @param rights reads a JSON array of rules without user and role
     * @throws IllegalArgumentException if it cannot be read, or a line is no key; the message names the line
     */
    public static ApiKeys read(String file, Function<String, List<Grant>> rights) {
        return new ApiKeys(WatchedFile.read("api-keys-file", file, text -> parse(text, rights)));
    }

    static List<ApiKey> parse(String text, Function<String, List<Grant>> rights) {
        List<ApiKey> keys = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\\R", -1)) {
            number++;
            String content = line.strip();
            if (!content.isEmpty() && !content.startsWith("#")) {
                try {
                    keys.add(ApiKey.parse(content, rights));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
                }
            }
        }
        return List.copyOf(keys);
    }

    /**
     * Returns the text that the command for a new key prints: the key, which is shown this once, and its line for the file.
     *
     * @throws IllegalArgumentException if a key cannot have this name
     */
    public static String describeNew(String name, SecureRandom random) {
        String key = ApiKey.generate(random);
        return "Authorization: Bearer " + key + "\n" + ApiKey.line(name, key) + "\n";
    }

    /** Returns whether a bearer token is meant as a key. */
    static boolean isKey(String token) {
        return ApiKey.isMeant(token);
    }

    /** Returns the identity of a key. It compares all keys, so that the time does not tell which one is similar. */
    @Override
    public Identity verify(String token) {
        if (!ApiKey.isWellFormed(token)) {
            throw UnauthenticatedException.needsToken("this is no API key");
        }
        byte[] hash = ApiKey.hash(token);
        Identity found = null;
        for (ApiKey key : file.value()) {
            if (key.hasHash(hash)) {
                found = key.identity();
            }
        }
        if (found == null) {
            throw UnauthenticatedException.needsToken("the API key is unknown, or was removed");
        }
        return found;
    }

    @Override
    public void tick(Executor background) {
        file.check(background, () -> {});
    }
}
