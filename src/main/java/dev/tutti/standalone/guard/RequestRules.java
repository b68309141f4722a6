package dev.tutti.standalone.guard;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The checks of every request head: RFC 9112 without its ambiguities. Stateless. */
final class RequestRules {
    /** Limit for the content of one request. */
    static final long MAX_CONTENT_BYTES = 16L << 20;

    /** Methods that are passed on; a handler may still answer 405. */
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private static final Set<String> REFUSED_METHODS = Set.of("TRACE", "CONNECT");

    private static final Set<String> WITHOUT_CONTENT = Set.of("GET", "HEAD");

    private RequestRules() {}

    /**
     * Returns the content that follows a valid head.
     *
     * @throws HttpErrorException if the head is invalid
     */
    static RequestContent content(RequestHead head) throws HttpErrorException {
        checkMethod(head.method());
        checkHost(head);
        String expectation = head.singleValue("expect");
        if (expectation != null && !expectation.equalsIgnoreCase("100-continue")) {
            throw new HttpErrorException(417, "the supported expectation is 100-continue");
        }
        String length = head.singleValue("content-length");
        List<String> codings = head.elements("transfer-encoding").collect(Collectors.toUnmodifiableList());
        if (head.values("transfer-encoding").isEmpty()) {
            long bytes = length == null ? 0 : contentLength(length);
            checkHasContent(head, bytes != 0);
            return RequestContent.ofLength(bytes);
        }
        if (length != null || head.minorVersion() == 0) {
            throw HttpErrorException.badRequest("Transfer-Encoding with Content-Length, or in HTTP/1.0");
        }
        if (codings.isEmpty() || (codings.contains("chunked") && codings.indexOf("chunked") < codings.size() - 1)) {
            throw HttpErrorException.badRequest("chunked must be the last transfer coding");
        }
        if (!codings.equals(List.of("chunked"))) {
            throw new HttpErrorException(501, "the supported transfer coding is chunked");
        }
        checkHasContent(head, true);
        return RequestContent.chunked();
    }

    private static void checkMethod(String method) throws HttpErrorException {
        if (REFUSED_METHODS.contains(method)) {
            throw HttpErrorException.methodNotAllowed("GET, HEAD");
        }
        if (!METHODS.contains(method)) {
            throw new HttpErrorException(501, "unknown method");
        }
    }

    /** Requires one valid Host, optional in HTTP/1.0 (RFC 9112 section 3.2). */
    private static void checkHost(RequestHead head) throws HttpErrorException {
        String host = head.singleValue("host");
        if (host != null) {
            RequestTarget.checkedAuthority(host);
        } else if (head.minorVersion() > 0) {
            throw HttpErrorException.badRequest("Host is missing");
        }
    }

    private static long contentLength(String length) throws HttpErrorException {
        if (length.isEmpty() || length.length() > 18 || !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw HttpErrorException.badRequest("invalid Content-Length");
        }
        long bytes = Long.parseLong(length);
        if (bytes > MAX_CONTENT_BYTES) {
            throw new HttpErrorException(413, "content over " + MAX_CONTENT_BYTES + " bytes");
        }
        return bytes;
    }

    /** Rejects content in GET and HEAD: servers that ignore it read it as the next request (RFC 9110 section 9.3.1). */
    private static void checkHasContent(RequestHead head, boolean hasContent) throws HttpErrorException {
        if (hasContent && WITHOUT_CONTENT.contains(head.method())) {
            throw HttpErrorException.badRequest("content in a " + head.method() + " request");
        }
    }
}
