package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.zip.CRC32;

/**
 * The keys and the channel of a room. Rooms are divided into parts, whose names have the number of the part in braces: Redis Cluster keeps keys with the
 * same text in braces on one node, and one script may use them. Immutable.
 *
 * @param part from 0 to {@link #PARTS} - 1
 * @param state a hash: epoch, top, generation, sizes, the number of the last change of members, and how many members each server has
 * @param stream the retained publications; the id of an entry is its offset and 0
 * @param keys a hash: the offset of each retained publication that has a key
 * @param members a hash: by client, its server and the encoded member
 * @param servers of the part, a hash: when each server was here last
 * @param channel on which the room's publications and the changes of its members are sent to the servers
 */
record RoomKeys(int part, String state, String stream, String keys, String members, String servers, String channel) {
    /** Part of the format: servers with another number cannot share a Redis. */
    static final int PARTS = 128;

    static RoomKeys of(String prefix, String room) {
        int part = part(room);
        String start = start(prefix, part);
        return new RoomKeys(
                part,
                start + "room:" + room,
                start + "log:" + room,
                start + "keys:" + room,
                start + "members:" + room,
                start + "servers",
                start + "to:" + room);
    }

    /** Returns the part of a room or of a document. */
    static int part(String name) {
        CRC32 hash = new CRC32();
        hash.update(name.getBytes(UTF_8));
        return (int) (hash.getValue() % PARTS);
    }

    private static String start(String prefix, int part) {
        return prefix + ':' + tag(part) + ':';
    }

    /** Returns the channel on which servers send each other the changes of a document. */
    static String documentChannel(String prefix, String document) {
        return start(prefix, part(document)) + "document:" + document;
    }

    /** Returns the number of a part in braces. */
    static String tag(int part) {
        return "{" + part + '}';
    }

    /** Returns the keys of the publications, in the order in which the scripts take them. */
    List<String> all() {
        return List.of(state, stream, keys);
    }

    /** As above, with the members. */
    List<String> withMembers() {
        return List.of(state, stream, keys, members);
    }
}
