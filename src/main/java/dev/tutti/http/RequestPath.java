package dev.tutti.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;

/**
 * The segments of a request's path, so that a path has one meaning only. Servers remove path parameters, join encoded slashes or resolve dot
 * segments; here each of these is either part of a segment or refused (RFC 3986 section 3.3). Stateless.
 */
public final class RequestPath {
    /** The message for a percent sign without two hexadecimal digits. */
    public static final String NO_OCTET = "a percent sign is followed by two hexadecimal digits";

    private static final String SYMBOLS = "-._~!$&'()*+,;=:@/";

    private RequestPath() {}

    /**
     * Returns the segments of a path, decoded; at least one.
     *
     * @param path as it came; it begins with a slash
     * @throws IllegalArgumentException if it is malformed or has more than one meaning; the message says why
     */
    public static List<String> segments(String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("a path begins with a slash");
        }
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c != '%' && !isAsciiLetterOrDigit(c) && SYMBOLS.indexOf(c) < 0) {
                throw new IllegalArgumentException("a path holds a character that has to be percent-encoded");
            }
        }
        List<String> segments = new ArrayList<>();
        for (String segment : path.substring(1).split("/", -1)) {
            String decoded = decoded(segment);
            if (decoded.chars().anyMatch(c -> c < ' ' || c == 0x7F || c == '\\' || c == '/')) {
                throw new IllegalArgumentException("a path holds a control character, a backslash or an encoded slash");
            }
            if (decoded.equals(".") || decoded.equals("..")) {
                throw new IllegalArgumentException("a path holds a dot segment");
            }
            segments.add(decoded);
        }
        return List.copyOf(segments);
    }

    /** Returns whether two hexadecimal digits follow a percent sign. */
    public static boolean isOctet(String text, int percent) {
        return percent + 2 < text.length() && digit(text, percent + 1) >= 0 && digit(text, percent + 2) >= 0;
    }

    private static String decoded(String segment) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(segment.length());
        for (int i = 0; i < segment.length(); i++) {
            if (segment.charAt(i) == '%') {
                if (!isOctet(segment, i)) {
                    throw new IllegalArgumentException(NO_OCTET);
                }
                bytes.write(digit(segment, i + 1) << 4 | digit(segment, i + 2));
                i += 2;
            } else {
                bytes.write(segment.charAt(i));
            }
        }
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a path's percent-encoded octets are not UTF-8", e);
        }
    }

    private static int digit(String text, int at) {
        return Character.digit(text.charAt(at), 16);
    }

    private static boolean isAsciiLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
