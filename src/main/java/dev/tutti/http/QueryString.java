package dev.tutti.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a query, of the query alone: a server's own parameters also contain those of a form in the body, which it reads for them.
 * Immutable.
 */
final class QueryString {
    private QueryString() {}

    /** Returns the parameters of a query as it came; null for none. A malformed parameter is absent. */
    static ApiRequest.Query of(@Nullable String query) {
        Map<String, String> values = new HashMap<>();
        for (String parameter : query == null ? new String[0] : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            String name = decoded(equals < 0 ? parameter : parameter.substring(0, equals));
            String value = equals < 0 ? "" : decoded(parameter.substring(equals + 1));
            if (name != null && value != null) {
                values.putIfAbsent(name, value);
            }
        }
        return values::get;
    }

    /** Returns null for a percent sign without two hexadecimal digits. */
    private static @Nullable String decoded(String text) {
        try {
            return URLDecoder.decode(text, UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
