package dev.tutti.hub;

import java.util.regex.Pattern;

/** Validates names of rooms and documents. Stateless. */
public final class RoomName {
    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_~:@-][A-Za-z0-9._~:@-]{0,127}");

    /** The close reason for an invalid name. */
    public static final String NO_NAME = "not a room name: 1 to 128 letters, digits and . _ - ~ : @ are, no dot first";

    private RoomName() {}

    /** Returns whether {@code name} is 1 to 128 of {@code A–Z a–z 0–9 . _ - ~ : @} and does not start with a dot. */
    public static boolean isValid(String name) {
        return VALID.matcher(name).matches();
    }
}
