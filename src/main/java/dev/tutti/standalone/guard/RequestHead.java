package dev.tutti.standalone.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.stream.Collectors.toUnmodifiableList;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request line and header fields, parsed strictly by RFC 9112 sections 3 and 5. Immutable.
 *
 * @param minorVersion the minor version of HTTP/1: 0 or 1
 */
record RequestHead(String method, String target, int minorVersion, List<Field> fields) {
    static final int MAX_METHOD_BYTES = 32;

    private static final String TOKEN_SYMBOLS = "!#$%&'*+-.^_`|~";

    /** A header field: name in lower case, value without surrounding whitespace. */
    record Field(String name, String value) {}

    /** Parses a head in ISO 8859-1, without its final empty line. */
    static RequestHead parse(String text) throws HttpErrorException {
        String[] lines = text.split("\r\n", -1);
        String[] parts = lines[0].split(" ", -1);
        if (parts.length != 3) {
            throw HttpErrorException.badRequest(
                    "a request line is method, target and version, separated by single spaces");
        }
        if (!isToken(parts[0])) {
            throw HttpErrorException.badRequest("invalid method");
        }
        List<Field> fields = new ArrayList<>(lines.length - 1);
        for (int i = 1; i < lines.length; i++) {
            fields.add(field(lines[i]));
        }
        return new RequestHead(parts[0], parts[1], minorVersion(parts[2]), List.copyOf(fields));
    }

    /** Returns the values of all fields with this name in lower case, in order. */
    List<String> values(String name) {
        return fields.stream()
                .filter(field -> field.name.equals(name))
                .map(Field::value)
                .collect(toUnmodifiableList());
    }

    /** Returns the value of the only field with this name; null if there is none. */
    @Nullable
    String singleValue(String name) throws HttpErrorException {
        List<String> values = values(name);
        if (values.size() > 1) {
            throw HttpErrorException.badRequest("more than one " + name);
        }
        return values.isEmpty() ? null : values.get(0);
    }

    /** Returns this head without the fields with this name. */
    RequestHead without(String name) {
        return new RequestHead(
                method,
                target,
                minorVersion,
                fields.stream().filter(field -> !field.name.equals(name)).toList());
    }

    /** Returns the elements of a list-based field in lower case (RFC 9110 section 5.6.1). */
    Stream<String> elements(String name) {
        return values(name).stream()
                .flatMap(value -> Arrays.stream(value.split(",", -1)))
                .map(element -> element.strip().toLowerCase(Locale.ROOT))
                .filter(element -> !element.isEmpty());
    }

    /** Encodes this head in canonical form: the target in origin form, one space after each colon, the final empty line. */
    byte[] encode(RequestTarget to) {
        StringBuilder head = new StringBuilder(256);
        head.append(method)
                .append(' ')
                .append(to.originForm())
                .append(" HTTP/1.")
                .append(minorVersion);
        for (Field field : fields) {
            boolean replaced = field.name.equals("host") && to.authority() != null;
            head.append("\r\n").append(field.name).append(": ").append(replaced ? to.authority() : field.value);
        }
        return head.append("\r\n\r\n").toString().getBytes(ISO_8859_1);
    }

    private static int minorVersion(String version) throws HttpErrorException {
        if (version.equals("HTTP/1.1") || version.equals("HTTP/1.0")) {
            return version.charAt(version.length() - 1) - '0';
        }
        if (version.matches("HTTP/[0-9]\\.[0-9]")) {
            throw new HttpErrorException(505, "the supported version is HTTP/1.1");
        }
        throw HttpErrorException.badRequest("invalid HTTP version");
    }

    private static Field field(String line) throws HttpErrorException {
        if (line.startsWith(" ") || line.startsWith("\t")) {
            throw HttpErrorException.badRequest("folded header field");
        }
        int colon = line.indexOf(':');
        if (colon < 0 || !isToken(line.substring(0, colon))) {
            throw HttpErrorException.badRequest(
                    "a header field is a token, a colon without space before it, and a value");
        }
        return new Field(line.substring(0, colon).toLowerCase(Locale.ROOT), trimmed(line.substring(colon + 1)));
    }

    private static String trimmed(String value) {
        int from = 0;
        int to = value.length();
        while (from < to && isBlank(value.charAt(from))) {
            from++;
        }
        while (from < to && isBlank(value.charAt(to - 1))) {
            to--;
        }
        return value.substring(from, to);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /** Returns whether a text is a token (RFC 9110 section 5.6.2). */
    private static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> isAsciiLetterOrDigit(c) || TOKEN_SYMBOLS.indexOf(c) >= 0);
    }

    static boolean isAsciiLetterOrDigit(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
