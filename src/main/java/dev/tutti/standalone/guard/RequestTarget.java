package dev.tutti.standalone.guard;

import dev.tutti.http.RequestPath;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A parsed request target (RFC 9112 section 3.2, RFC 3986). Immutable.
 *
 * @param authority host and port of an absolute target, which replace the Host field; null for other targets
 * @param originForm path and query, with the characters percent-encoded that browsers leave bare in a query
 * @param segments the path's decoded segments: none for the asterisk of OPTIONS, at least one otherwise
 */
record RequestTarget(@Nullable String authority, String originForm, List<String> segments) {
    /** Host and port: a name, an IPv4 address or an IP literal in brackets (RFC 3986 section 3.2). */
    private static final Pattern AUTHORITY =
            Pattern.compile("([A-Za-z0-9._~!$&'()*+,;=%-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{0,5})?");

    private static final String FORBIDDEN_IN_QUERY = "\"<>#\\";

    /** Characters that browsers do not percent-encode in a query, though RFC 3986 requires it (URL standard, query percent-encode set). */
    private static final String BARE_FROM_BROWSERS = "[]{}|^`";

    /** Parses a target in origin, absolute or asterisk form. */
    static RequestTarget parse(String target, String method) throws HttpErrorException {
        if (target.equals("*")) {
            if (!method.equals("OPTIONS")) {
                throw HttpErrorException.badRequest("the target * requires OPTIONS");
            }
            return new RequestTarget(null, target, List.of());
        }
        String authority = null;
        String pathAndQuery = target;
        String lower = target.toLowerCase(Locale.ROOT);
        if (lower.startsWith("http://") || lower.startsWith("https://")) {
            String rest = target.substring(target.indexOf("//") + 2);
            int end = 0;
            while (end < rest.length() && rest.charAt(end) != '/' && rest.charAt(end) != '?') {
                end++;
            }
            authority = checkedAuthority(rest.substring(0, end));
            pathAndQuery = rest.substring(end);
            if (!pathAndQuery.startsWith("/")) {
                pathAndQuery = "/" + pathAndQuery;
            }
        } else if (!target.startsWith("/")) {
            throw HttpErrorException.badRequest("a target must start with a slash");
        }
        int query = pathAndQuery.indexOf('?');
        if (query < 0) {
            return new RequestTarget(authority, pathAndQuery, segments(pathAndQuery));
        }
        String path = pathAndQuery.substring(0, query);
        return new RequestTarget(
                authority, path + "?" + encodedQuery(pathAndQuery.substring(query + 1)), segments(path));
    }

    /** Returns the query, as it is in {@link #originForm}; null if there is none. */
    @Nullable
    String query() {
        int query = originForm.indexOf('?');
        return query < 0 ? null : originForm.substring(query + 1);
    }

    /** Returns {@code authority} if it is a host with an optional port. */
    static String checkedAuthority(String authority) throws HttpErrorException {
        if (!AUTHORITY.matcher(authority).matches()) {
            throw HttpErrorException.badRequest("invalid host");
        }
        return authority;
    }

    private static List<String> segments(String path) throws HttpErrorException {
        try {
            return RequestPath.segments(path);
        } catch (IllegalArgumentException e) {
            throw HttpErrorException.badRequest(String.valueOf(e.getMessage()));
        }
    }

    private static String encodedQuery(String query) throws HttpErrorException {
        StringBuilder encoded = new StringBuilder(query.length());
        for (int i = 0; i < query.length(); i++) {
            char c = query.charAt(i);
            if (c <= ' ' || c >= 0x7F || FORBIDDEN_IN_QUERY.indexOf(c) >= 0) {
                throw HttpErrorException.badRequest("a character in the query must be percent-encoded");
            }
            if (c == '%' && !RequestPath.isOctet(query, i)) {
                throw HttpErrorException.badRequest(RequestPath.NO_OCTET);
            }
            if (BARE_FROM_BROWSERS.indexOf(c) >= 0) {
                encoded.append('%').append(Integer.toHexString(c));
            } else {
                encoded.append(c);
            }
        }
        return encoded.toString();
    }
}
