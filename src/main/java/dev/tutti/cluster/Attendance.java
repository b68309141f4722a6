package dev.tutti.cluster;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * This server during one connection to Redis, or until a change of members has failed. Members in Redis carry its id, and each part of the rooms notes when it was there last: others remove the
 * members of a server that was not there for ten seconds. Safe for any thread.
 *
 * @param server an id that nobody else has, and this server had never before
 * @param parts in which this server has been
 */
record Attendance(String server, ConcurrentMap<Integer, Boolean> parts) {
    Attendance(String server) {
        this(server, new ConcurrentHashMap<>());
    }

    /**
     * Notes the answer of a script that says whether this server was in a part.
     *
     * @return whether its members there may have been removed
     * @throws FormatException if the answer is another one
     */
    boolean noteAndTestLate(int part, String answer) {
        boolean isFirst = parts.putIfAbsent(part, true) == null;
        return switch (answer) {
            case "ok" -> false;
            case "new" -> !isFirst;
            case "late" -> true;
            default -> throw new FormatException("an attendance of '" + answer + "'");
        };
    }
}
