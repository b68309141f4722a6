package dev.tutti.standalone.guard;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What every request has to keep to, before anything else looks at it: RFC 9112, and no two ways to read it. Stateless. */
final class RequestRules {
    /** Bytes of a request's content. */
    static final long MAX_CONTENT_BYTES = 16L << 20;

    /** What somebody behind this may answer, if only with 405. */
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private static final Set<String> REFUSED_METHODS = Set.of("TRACE", "CONNECT");

    private static final Set<String> WITHOUT_CONTENT = Set.of("GET", "HEAD");

    private RequestRules() {}

    /** Returns what follows a head, which keeps to the rules. */
    static RequestContent content(RequestHead head) throws HttpRefusalException {
        checkMethod(head.method());
        checkHost(head);
        String expectation = head.only("expect");
        if (expectation != null && !expectation.equalsIgnoreCase("100-continue")) {
            throw new HttpRefusalException(417, "the only expectation met is 100-continue");
        }
        String length = head.only("content-length");
        List<String> codings = head.elements("transfer-encoding").collect(Collectors.toUnmodifiableList());
        if (head.values("transfer-encoding").isEmpty()) {
            long bytes = length == null ? 0 : contentLength(length);
            checkHasContent(head, bytes != 0);
            return RequestContent.ofLength(bytes);
        }
        if (length != null || head.minorVersion() == 0) {
            throw HttpRefusalException.bad("a Transfer-Encoding with a Content-Length, or in HTTP/1.0");
        }
        if (codings.isEmpty() || (codings.contains("chunked") && codings.indexOf("chunked") < codings.size() - 1)) {
            throw HttpRefusalException.bad("the last transfer coding, and no other, is chunked");
        }
        if (!codings.equals(List.of("chunked"))) {
            throw new HttpRefusalException(501, "the only transfer coding known is chunked");
        }
        checkHasContent(head, true);
        return RequestContent.chunked();
    }

    private static void checkMethod(String method) throws HttpRefusalException {
        if (REFUSED_METHODS.contains(method)) {
            throw HttpRefusalException.method("GET, HEAD");
        }
        if (!METHODS.contains(method)) {
            throw new HttpRefusalException(501, "this method is not known here");
        }
    }

    /** RFC 9112 section 3.2: one valid Host; in HTTP/1.0 it may be missing. */
    private static void checkHost(RequestHead head) throws HttpRefusalException {
        String host = head.only("host");
        if (host != null) {
            RequestTarget.checkedAuthority(host);
        } else if (head.minorVersion() > 0) {
            throw HttpRefusalException.bad("the Host is missing");
        }
    }

    private static long contentLength(String length) throws HttpRefusalException {
        if (length.isEmpty() || length.length() > 18 || !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw HttpRefusalException.bad("a Content-Length is a number");
        }
        long bytes = Long.parseLong(length);
        if (bytes > MAX_CONTENT_BYTES) {
            throw new HttpRefusalException(413, "a request's content has at most " + MAX_CONTENT_BYTES + " bytes");
        }
        return bytes;
    }

    /** Content has no meaning there, and smuggles requests past those who think so (RFC 9110 section 9.3.1). */
    private static void checkHasContent(RequestHead head, boolean hasContent) throws HttpRefusalException {
        if (hasContent && WITHOUT_CONTENT.contains(head.method())) {
            throw HttpRefusalException.bad("a " + head.method() + " request has no content");
        }
    }
}
