package dev.tutti.standalone.guard;

import dev.tutti.http.RequestPath;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request is about: RFC 9112 section 3.2, RFC 3986. Immutable.
 *
 * @param authority host and port of an absolute target, which replace the Host field; null if there are none
 * @param originForm path and query; every character in it that may be percent-encoded but need not be in a browser's eyes, is
 * @param segments the path's segments, decoded: none for the asterisk of OPTIONS, at least one otherwise
 */
record RequestTarget(@Nullable String authority, String originForm, List<String> segments) {
    /** Host and port: a name, an IPv4 address or an IP literal in brackets (RFC 3986 section 3.2). */
    private static final Pattern AUTHORITY =
            Pattern.compile("([A-Za-z0-9._~!$&'()*+,;=%-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{0,5})?");

    private static final String NOT_IN_A_QUERY = "\"<>#\\";

    /** What browsers send as it is in a query, though RFC 3986 does not allow it (the URL standard's query percent-encode set). */
    private static final String LEFT_BY_BROWSERS = "[]{}|^`";

    /** Returns what a target and the Host field say together. */
    static RequestTarget parse(String target, String method) throws HttpRefusalException {
        if (target.equals("*")) {
            if (!method.equals("OPTIONS")) {
                throw HttpRefusalException.bad("the target * is for OPTIONS");
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
            throw HttpRefusalException.bad("a target starts with a slash");
        }
        int query = pathAndQuery.indexOf('?');
        if (query < 0) {
            return new RequestTarget(authority, pathAndQuery, segments(pathAndQuery));
        }
        String path = pathAndQuery.substring(0, query);
        return new RequestTarget(
                authority, path + "?" + encodedQuery(pathAndQuery.substring(query + 1)), segments(path));
    }

    /** Returns {@code authority} if it is a host, with or without a port. */
    static String checkedAuthority(String authority) throws HttpRefusalException {
        if (!AUTHORITY.matcher(authority).matches()) {
            throw HttpRefusalException.bad("a host is a name or an address, with or without a port");
        }
        return authority;
    }

    private static List<String> segments(String path) throws HttpRefusalException {
        try {
            return RequestPath.segments(path);
        } catch (IllegalArgumentException e) {
            throw HttpRefusalException.bad(String.valueOf(e.getMessage()));
        }
    }

    private static String encodedQuery(String query) throws HttpRefusalException {
        StringBuilder encoded = new StringBuilder(query.length());
        for (int i = 0; i < query.length(); i++) {
            char c = query.charAt(i);
            if (c <= ' ' || c >= 0x7F || NOT_IN_A_QUERY.indexOf(c) >= 0) {
                throw HttpRefusalException.bad("a query holds a character that has to be percent-encoded");
            }
            if (c == '%' && !RequestPath.isOctet(query, i)) {
                throw HttpRefusalException.bad(RequestPath.NO_OCTET);
            }
            if (LEFT_BY_BROWSERS.indexOf(c) >= 0) {
                encoded.append('%').append(Integer.toHexString(c));
            } else {
                encoded.append(c);
            }
        }
        return encoded.toString();
    }
}
