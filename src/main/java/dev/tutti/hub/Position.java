package dev.tutti.hub;

/**
 * A point in the publications of a room. Immutable.
 *
 * <p>An offset alone is ambiguous: a room's history holds 1, 2, 3 and is lost; a client that has received 3 reconnects when the room has
 * published a new 3. The epoch tells the two apart.
 *
 * @param epoch changes when the room's history is lost
 * @param offset of a publication: from 1, each one more than the one before; 0 is before the first
 */
public record Position(String epoch, long offset) {
    /** Stands for the position of a publication whose publisher does not use it. */
    public static final Position UNKNOWN = new Position("", 0);
}
