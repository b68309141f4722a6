package dev.tutti.yjs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tutti.yjs.lib0.Any;
import dev.tutti.yjs.lib0.Json;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import dev.tutti.yjs.lib0.Utf8;
import java.util.Arrays;

/**
 * Reads structs of one client in two forms: from an update, with a check of everything on which a Yjs client would fail, or from a block, as
 * {@link StructWriter} stores them. Confined to its user.
 */
final class StructReader {
    /** A struct has a first byte and at least one more. */
    static final int MIN_STRUCT_BYTES = 2;

    static final int HAS_ORIGIN = 0x80;
    static final int HAS_RIGHT = 0x40;
    static final int HAS_KEY = 0x20;

    private static final int PARENT_IS_ID = 0;
    private static final int PARENT_IS_ROOT = 1;

    private static final int XML_ELEMENT = 3;
    private static final int XML_HOOK = 5;
    private static final int LAST_TYPE = 6;

    /** Yjs writes this instead of JSON for a hole in an array. */
    private static final byte[] UNDEFINED = "undefined".getBytes(US_ASCII);

    private final Lib0Reader in;
    private final Struct struct = new Struct();
    /** The clock of the next struct; the caller may have cut the last one. */
    private int next;

    StructReader(Lib0Reader in) {
        this.in = in;
        struct.bytes = in.array();
    }

    /** Continues with the structs of {@code client} from {@code clock} on. */
    void start(long client, int clock) {
        struct.clear(client, clock);
        next = clock;
    }

    boolean hasNext() {
        return in.remaining() > 0;
    }

    /** Reads a struct of an update; the next call reuses the object. */
    Struct readUpdate() throws MalformedUpdateException {
        readHeader();
        if (struct.kind.isHollow()) {
            struct.length = in.readClock();
        } else {
            readContent();
        }
        if (struct.length < 1 || struct.length > Lib0Reader.MAX_CLOCK - struct.clock) {
            throw new MalformedUpdateException("a struct of no possible length");
        }
        next = struct.end();
        return struct;
    }

    /** Reads a struct that {@link StructWriter} stored; the next call reuses the object. */
    Struct readStored() {
        try {
            readHeader();
            struct.length = in.readClock();
            if (!struct.kind.isHollow()) {
                struct.contentFrom = in.skipVarBytes();
                struct.contentTo = in.position();
            }
            next = struct.end();
            return struct;
        } catch (MalformedUpdateException e) {
            throw new IllegalStateException("our own bytes", e);
        }
    }

    private void readHeader() throws MalformedUpdateException {
        int info = in.readByte();
        struct.clear(struct.client, next);
        struct.kind = Kind.of(info);
        if (!struct.kind.isItem()) {
            if (info != struct.kind.number()) {
                throw new MalformedUpdateException("a gap with neighbours");
            }
            return;
        }
        if ((info & HAS_ORIGIN) != 0) {
            struct.originClient = in.readVarUint();
            struct.originClock = readNeighbour(struct.originClient);
        }
        if ((info & HAS_RIGHT) != 0) {
            struct.rightClient = in.readVarUint();
            struct.rightClock = readNeighbour(struct.rightClient);
        }
        if ((info & (HAS_ORIGIN | HAS_RIGHT)) == 0) {
            readParent((info & HAS_KEY) != 0);
        }
    }

    /** Reads the clock of an id. A Yjs client would fail on a later struct of the same client. */
    private int readNeighbour(long client) throws MalformedUpdateException {
        int clock = in.readClock();
        if (client == struct.client && clock >= struct.clock) {
            throw new MalformedUpdateException("a struct before its neighbour or parent");
        }
        return clock;
    }

    private void readParent(boolean hasKey) throws MalformedUpdateException {
        struct.parentFrom = in.position();
        long by = in.readVarUint();
        if (by == PARENT_IS_ROOT) {
            in.skipVarString();
        } else if (by == PARENT_IS_ID) {
            struct.parentClient = in.readVarUint();
            struct.parentClock = readNeighbour(struct.parentClient);
        } else {
            throw new MalformedUpdateException("a parent of no known form");
        }
        struct.hasKey = hasKey;
        if (hasKey) {
            in.skipVarString();
        }
        struct.parentTo = in.position();
    }

    private void readContent() throws MalformedUpdateException {
        struct.length = 1;
        struct.contentFrom = in.position();
        switch (struct.kind) {
            case STRING -> {
                struct.contentFrom = in.skipVarBytes();
                struct.length = Utf8.units(in.array(), struct.contentFrom, in.position());
            }
            case ANY -> {
                struct.length = in.readCount(1);
                struct.contentFrom = in.position();
                for (int left = struct.length; left > 0; left--) {
                    in.skipAny();
                }
            }
            case JSON -> {
                struct.length = in.readCount(1);
                struct.contentFrom = in.position();
                for (int left = struct.length; left > 0; left--) {
                    readJsonOrHole();
                }
            }
            case BINARY -> in.skipVarBytes();
            case EMBED -> in.skipJson();
            case FORMAT -> {
                in.skipVarString();
                in.skipJson();
            }
            case TYPE -> readType();
            case DOC -> {
                in.skipVarString();
                if (in.remaining() > 0 && in.array()[in.position()] != Any.OBJECT) {
                    throw new MalformedUpdateException("a subdocument without options");
                }
                in.skipAny();
            }
            case GC, DELETED, SKIP -> throw new IllegalStateException("no content");
        }
        struct.contentTo = in.position();
    }

    private void readJsonOrHole() throws MalformedUpdateException {
        int from = in.skipVarString();
        if (!Arrays.equals(in.array(), from, in.position(), UNDEFINED, 0, UNDEFINED.length)) {
            Json.check(in.array(), from, in.position());
        }
    }

    private void readType() throws MalformedUpdateException {
        long type = in.readVarUint();
        if (type > LAST_TYPE) {
            throw new MalformedUpdateException("a shared type of no known kind");
        }
        if (type == XML_ELEMENT || type == XML_HOOK) {
            in.skipVarString();
        }
    }
}
