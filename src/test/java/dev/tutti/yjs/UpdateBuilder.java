package dev.tutti.yjs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.yjs.lib0.Any;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes updates by hand, and describes their content. */
public final class UpdateBuilder {
    /** The id of a struct's unit. */
    public record Id(long client, long clock) {}

    private final Lib0Writer sections = new Lib0Writer();
    private final Lib0Writer deletes = new Lib0Writer();
    private int clients;
    private int deletingClients;

    public static Id id(long client, long clock) {
        return new Id(client, clock);
    }

    public UpdateBuilder structs(long client, long clock, byte[]... structs) {
        clients++;
        sections.writeVarUint(structs.length);
        sections.writeVarUint(client);
        sections.writeVarUint(clock);
        for (byte[] struct : structs) {
            sections.write(struct, 0, struct.length);
        }
        return this;
    }

    public UpdateBuilder delete(long client, long... clocksAndLengths) {
        deletingClients++;
        deletes.writeVarUint(client);
        deletes.writeVarUint(clocksAndLengths.length / 2);
        for (long number : clocksAndLengths) {
            deletes.writeVarUint(number);
        }
        return this;
    }

    public byte[] build() {
        Lib0Writer update = new Lib0Writer();
        update.writeVarUint(clients);
        update.write(sections);
        update.writeVarUint(deletingClients);
        update.write(deletes);
        return update.toByteArray();
    }

    /** Returns a struct's first byte and neighbours; in the root type "t" if there are none. */
    private static Lib0Writer item(Kind kind, @Nullable Id origin, @Nullable Id right) {
        Lib0Writer out = new Lib0Writer();
        out.writeByte(kind.number() | (origin == null ? 0 : 0x80) | (right == null ? 0 : 0x40));
        for (Id id : new Id[] {origin, right}) {
            if (id != null) {
                out.writeVarUint(id.client);
                out.writeVarUint(id.clock);
            }
        }
        if (origin == null && right == null) {
            out.writeVarUint(1);
            out.writeVarString("t");
        }
        return out;
    }

    public static byte[] text(@Nullable Id origin, @Nullable Id right, String text) {
        Lib0Writer out = item(Kind.STRING, origin, right);
        out.writeVarString(text);
        return out.toByteArray();
    }

    public static byte[] deleted(@Nullable Id origin, @Nullable Id right, long length) {
        Lib0Writer out = item(Kind.DELETED, origin, right);
        out.writeVarUint(length);
        return out.toByteArray();
    }

    public static byte[] json(@Nullable Id origin, @Nullable Id right, String... values) {
        Lib0Writer out = item(Kind.JSON, origin, right);
        out.writeVarUint(values.length);
        for (String value : values) {
            out.writeVarString(value);
        }
        return out.toByteArray();
    }

    /** Returns an array item of small integers. */
    public static byte[] any(@Nullable Id origin, @Nullable Id right, int... values) {
        Lib0Writer out = item(Kind.ANY, origin, right);
        out.writeVarUint(values.length);
        for (int value : values) {
            out.writeByte(Any.INTEGER);
            out.writeByte(value);
        }
        return out.toByteArray();
    }

    /** Returns an item of any other kind, with content as it is. */
    static byte[] other(Kind kind, @Nullable Id origin, @Nullable Id right, byte[] content) {
        Lib0Writer out = item(kind, origin, right);
        out.write(content, 0, content.length);
        return out.toByteArray();
    }

    /** Returns an item whose parent is another, with a key in it or without. */
    static byte[] child(Id parent, @Nullable String key, String text) {
        Lib0Writer out = new Lib0Writer();
        out.writeByte(Kind.STRING.number() | (key == null ? 0 : 0x20));
        out.writeVarUint(0);
        out.writeVarUint(parent.client);
        out.writeVarUint(parent.clock);
        if (key != null) {
            out.writeVarString(key);
        }
        out.writeVarString(text);
        return out.toByteArray();
    }

    public static byte[] gc(long length) {
        return hollow(Kind.GC, length);
    }

    public static byte[] skip(long length) {
        return hollow(Kind.SKIP, length);
    }

    private static byte[] hollow(Kind kind, long length) {
        Lib0Writer out = new Lib0Writer();
        out.writeByte(kind.number());
        out.writeVarUint(length);
        return out.toByteArray();
    }

    public static byte[] vector(long... clientsAndClocks) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(clientsAndClocks.length / 2);
        for (long number : clientsAndClocks) {
            out.writeVarUint(number);
        }
        return out.toByteArray();
    }

    /**
     * Describes an update: {@code 7@2+3 STRING ←7@1 →8@0 abc} is three units of client 7 from clock 2 on, inserted
     * between two others; {@code -7@2+3} is their delete.
     */
    static List<String> describe(byte[] update) throws MalformedUpdateException {
        List<String> lines = new ArrayList<>();
        UpdateReader in = new UpdateReader(update);
        while (in.nextClient()) {
            while (in.hasStruct()) {
                lines.add(describe(in.nextStruct()));
            }
        }
        while (in.nextDeletes()) {
            ClockRanges deletes = in.deletes();
            for (int i = 0; i < deletes.size(); i++) {
                lines.add("-" + in.client() + "@" + deletes.from(i) + "+" + (deletes.to(i) - deletes.from(i)));
            }
        }
        return lines;
    }

    private static String describe(Struct struct) {
        StringBuilder line = new StringBuilder();
        line.append(struct.client).append('@').append(struct.clock).append('+').append(struct.length);
        line.append(' ').append(struct.kind);
        if (struct.originClient != Struct.NONE) {
            line.append(" ←").append(struct.originClient).append('@').append(struct.originClock);
        }
        if (struct.rightClient != Struct.NONE) {
            line.append(" →").append(struct.rightClient).append('@').append(struct.rightClock);
        }
        if (struct.kind == Kind.STRING) {
            Lib0Writer content = new Lib0Writer();
            struct.writeContent(content);
            line.append(' ').append(new String(content.toByteArray(), UTF_8));
        }
        return line.toString();
    }
}
