package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.hub.Member;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A member in the hash and on the channel of its room. Stateless. */
final class MemberEntry {
    /** The version of {@link #encode}. */
    private static final String VERSION = "1";

    private MemberEntry() {}

    /** Returns the member without the id of its client. */
    static byte[] encode(Member member) {
        byte[] version = VERSION.getBytes(UTF_8);
        byte[] user = member.user().getBytes(UTF_8);
        String shown = member.state();
        byte[] state = shown == null ? null : shown.getBytes(UTF_8);
        int length = 3 * Integer.BYTES + version.length + user.length + (state == null ? 0 : state.length);
        ByteBuffer bytes = ByteBuffer.allocate(length);
        put(bytes, version);
        put(bytes, user);
        put(bytes, state);
        return bytes.array();
    }

    private static void put(ByteBuffer bytes, byte @Nullable [] field) {
        bytes.putInt(field == null ? Fields.ABSENT : field.length);
        if (field != null) {
            bytes.put(field);
        }
    }

    /** @throws FormatException if this version does not understand the bytes */
    static Member decode(String client, byte[] encoded) {
        Fields fields = new Fields(encoded);
        String version = fields.text();
        if (!version.equals(VERSION)) {
            throw new FormatException("a member of version " + version);
        }
        String user = fields.text();
        return new Member(client, user, fields.textOrNull());
    }
}
