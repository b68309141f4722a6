package dev.tutti.hub;

import java.util.regex.Pattern;

/** Which strings name a room. Stateless. */
public final class RoomName {
    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_~:@-][A-Za-z0-9._~:@-]{0,127}");

    /** What is said of a path that ends with something else. */
    public static final String NO_NAME = "not a room name: 1 to 128 letters, digits and . _ - ~ : @ are, no dot first";

    private RoomName() {}

    /** Returns whether {@code name} is 1 to 128 of {@code A–Z a–z 0–9 . _ - ~ : @} and does not start with a dot. */
    public static boolean isValid(String name) {
        return VALID.matcher(name).matches();
    }
}
