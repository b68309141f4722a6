package dev.tutti.hub;

/**
 * A point in what was said in a room. Immutable.
 *
 * <p>Offsets alone would not do: a room's history holds 1, 2, 3 and is lost; a client comes back and has seen 3, while the room says
 * its new 3. The epoch tells the two apart.
 *
 * @param epoch changes when the room's history was lost, so that an old offset is never taken for a new one
 * @param offset of a publication: one more than that of the one before, from 1; 0 is before the first
 */
public record Position(String epoch, long offset) {}
