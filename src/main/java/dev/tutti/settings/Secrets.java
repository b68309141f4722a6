package dev.tutti.settings;

import java.util.regex.Pattern;

/** Hides secrets within values that are none themselves. Stateless. */
final class Secrets {
    private static final Pattern USER_INFO = Pattern.compile("://[^/?#\\s]*@");

    private static final Pattern PARAMETER = Pattern.compile(
            "([?&;][\\w.-]*(?:password|passwd|pwd|secret|token|key)[\\w.-]*=)[^&;\\s]*", Pattern.CASE_INSENSITIVE);

    private Secrets() {}

    /** Returns a text in which the user information and the secret parameters of all addresses are hidden. */
    static String hideInUrls(String text) {
        String withoutUsers = USER_INFO.matcher(text).replaceAll("://(hidden)@");
        return PARAMETER.matcher(withoutUsers).replaceAll("$1(hidden)");
    }
}
