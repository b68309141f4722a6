package dev.tutti.hub;

/**
 * How large and how busy a room is. Immutable.
 *
 * @param room its name; {@link Hub#BROADCAST_ROOM} for the room of all clients on {@code /ws}
 * @param clients that receive its publications, members and others
 * @param retained number of publications that its log holds in memory
 * @param publications since the room is in memory
 * @param perMinute publications in the last seconds, for a minute
 */
public record RoomUsage(String room, int clients, long retained, long publications, long perMinute) {}
