package dev.tutti.yjs;

import static dev.tutti.yjs.UpdateBuilder.any;
import static dev.tutti.yjs.UpdateBuilder.child;
import static dev.tutti.yjs.UpdateBuilder.deleted;
import static dev.tutti.yjs.UpdateBuilder.gc;
import static dev.tutti.yjs.UpdateBuilder.id;
import static dev.tutti.yjs.UpdateBuilder.json;
import static dev.tutti.yjs.UpdateBuilder.other;
import static dev.tutti.yjs.UpdateBuilder.skip;
import static dev.tutti.yjs.UpdateBuilder.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.yjs.lib0.Any;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Malformed updates are refused at low cost and without effect. */
class HostileUpdateTest {
    private static final long MAX_UINT = (1L << 53) - 1;
    private static final byte[] NO_CONTENT = {};

    private static UpdateBuilder update() {
        return new UpdateBuilder();
    }

    /** An update with a struct of each kind, and deletes. */
    private static byte[] everything() {
        return update().structs(
                        300,
                        0,
                        text(null, null, "aé漢😀"),
                        any(id(300, 4), null, 1, 2, 3),
                        json(id(1, 2), id(300, 0), "{\"a\":[1,null]}", "undefined"),
                        deleted(null, id(1, 0), 2),
                        other(Kind.BINARY, null, null, bytes("02 61 62")),
                        other(Kind.EMBED, null, null, bytes("02 7b 7d")),
                        other(Kind.FORMAT, id(300, 3), null, bytes("01 62 04 74 72 75 65")),
                        other(Kind.TYPE, null, null, bytes("03 01 70")),
                        child(id(300, 14), "key", "x"),
                        other(Kind.DOC, null, null, bytes("01 67 76 01 01 61 78")),
                        gc(2))
                .structs(1, 5, text(null, null, "a"), skip(3), text(id(1, 0), null, "b"))
                .delete(300, 1, 1, 4, 200)
                .delete(2, 0, 1)
                .build();
    }

    private static byte[] bytes(String hex) {
        return HexFormat.ofDelimiter(" ").parseHex(hex);
    }

    private static YDocument document() throws Exception {
        YDocument document = new YDocument(DocumentLimits.DEFAULT);
        document.apply(everything());
        return document;
    }

    private static byte[] one(byte[] struct) {
        return update().structs(7, 0, struct).build();
    }

    private static Named<byte[]> named(String name, byte[] bytes) {
        return Named.of(name, bytes);
    }

    static Stream<Named<byte[]>> malformed() {
        return Stream.of(
                named("nothing", new byte[0]),
                named("ten million structs", bytes("01 80 ad e2 04 07 00 00 01 00")),
                named("ten million clients", bytes("80 ad e2 04 01 07 00 00 01 00")),
                named("ten million deleting clients", bytes("00 80 ad e2 04 07 01 00 01 00")),
                named("ten million ranges", bytes("00 01 07 80 ad e2 04 00 01 00")),
                named("ten million values", one(other(Kind.ANY, null, null, bytes("80 ad e2 04 7f 7f")))),
                named("ten million JSON values", one(other(Kind.JSON, null, null, bytes("80 ad e2 04 01 31")))),
                named("a text of ten million bytes", one(other(Kind.STRING, null, null, bytes("80 ad e2 04 61")))),
                named("a GC of 2^53 - 1", one(gc(MAX_UINT))),
                named("a GC of 2^31", one(gc(1L << 31))),
                named(
                        "clocks that add up to 2^31",
                        update().structs(7, 5, gc(Integer.MAX_VALUE - 4)).build()),
                named(
                        "a clock of 2^53 - 1",
                        update().structs(7, MAX_UINT, gc(1)).build()),
                named("an origin of 2^53 - 1", one(text(id(8, MAX_UINT), null, "a"))),
                named("a delete of 2^53 - 1", update().delete(7, 0, MAX_UINT).build()),
                named(
                        "deletes that add up to 2^31",
                        update().delete(7, 5, Integer.MAX_VALUE - 4).build()),
                named("no length", one(gc(0))),
                named("no text", one(text(null, null, ""))),
                named("no values", one(any(null, null))),
                named("a text that is not UTF-8", one(other(Kind.STRING, null, null, bytes("01 ff")))),
                named("a lone surrogate", one(other(Kind.STRING, null, null, bytes("03 ed a0 bd")))),
                named("an unknown kind", bytes("01 01 07 00 0b 01 61 00")),
                named("a GC with neighbours", bytes("01 01 07 00 80 01 00")),
                named("a gap with neighbours", bytes("01 01 07 00 4a 01 00")),
                named("an unknown form of parent", bytes("01 01 07 00 04 02 00 00 01 61 00")),
                named("an unknown type", one(other(Kind.TYPE, null, null, bytes("07")))),
                named("an unknown value", one(other(Kind.ANY, null, null, bytes("01 73")))),
                named("malformed JSON", one(json(null, null, "{"))),
                named("an embed that is no JSON", one(other(Kind.EMBED, null, null, bytes("04 6e 75 6c 6f")))),
                named("a format that is no JSON", one(other(Kind.FORMAT, null, null, bytes("01 62 01 78")))),
                named("a subdocument without options", one(other(Kind.DOC, null, null, bytes("01 67 7e")))),
                named("a subdocument without anything", one(other(Kind.DOC, null, null, NO_CONTENT))),
                named("a struct that depends on itself", one(text(id(7, 0), null, "a"))),
                named("a struct that depends on a later one", one(text(null, id(7, 5), "a"))),
                named("a child of itself", one(child(id(7, 0), null, "a"))),
                named("values nested a million deep", one(other(Kind.ANY, null, null, nested(1_000_000)))),
                named("more than an update", bytes("00 00 00")));
    }

    private static byte[] nested(int depth) {
        byte[] content = new byte[1 + 2 * depth];
        content[0] = 1;
        for (int i = 0; i < depth; i++) {
            content[1 + 2 * i] = Any.ARRAY;
            content[2 + 2 * i] = 1;
        }
        return content;
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void whatIsNoUpdateIsRefused(byte[] update) throws Exception {
        YDocument document = document();
        byte[] before = document.encode();

        assertThatThrownBy(() -> document.apply(update)).isInstanceOf(MalformedUpdateException.class);
        assertThat(document.encode()).isEqualTo(before);
    }

    /** Also if the update begins well: none of its parts may stay. */
    @ParameterizedTest
    @MethodSource("malformed")
    void whatBeginsAsAnUpdateIsRefusedAsAWhole(byte[] update) throws Exception {
        if (update.length == 0 || update[0] != 1) {
            return;
        }
        byte[] good = update().structs(9, 0, text(null, null, "good")).build();
        Lib0Writer both = new Lib0Writer();
        both.writeByte(2);
        both.write(good, 1, good.length - 2);
        both.write(update, 1, update.length - 1);
        YDocument document = document();
        byte[] before = document.encode();

        assertThatThrownBy(() -> document.apply(both.toByteArray())).isInstanceOf(MalformedUpdateException.class);
        assertThat(document.encode()).isEqualTo(before);
    }

    @Test
    void truncatedUpdateIsRefused() throws Exception {
        byte[] update = everything();
        YDocument document = new YDocument(DocumentLimits.DEFAULT);
        for (int length = 0; length < update.length; length++) {
            byte[] cut = Arrays.copyOf(update, length);
            assertThatThrownBy(() -> document.apply(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(MalformedUpdateException.class);
            assertThatThrownBy(() -> Updates.merge(List.of(cut))).isInstanceOf(MalformedUpdateException.class);
        }
        assertThat(document.encode()).containsExactly(0, 0);
        assertThat(document.apply(update)).isPresent();
    }

    @Test
    void refusalNeedsLittleMemory() throws Exception {
        YDocument document = document();
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (Named<byte[]> update : malformed().toList()) {
            refuse(document, update.getPayload()); // once for classes and lambdas
            long before = threads.getCurrentThreadAllocatedBytes();
            refuse(document, update.getPayload());
            assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                    .as(update.getName())
                    .isLessThan(4096 + 4L * update.getPayload().length);
        }
    }

    private static void refuse(YDocument document, byte[] update) throws LimitExceededException {
        try {
            document.apply(update);
        } catch (MalformedUpdateException e) {
            assertThat(e.getStackTrace()).isEmpty();
        }
    }

    /** Whether a corrupted update is refused or applied, the document stays readable. */
    @Property(tries = 3000)
    void corruptedUpdateIsRefusedOrReadable(@ForAll Random random) throws Exception {
        byte[] spoilt = everything();
        for (int i = random.nextInt(4); i >= 0; i--) {
            spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt();
        }
        YDocument document = document();
        byte[] before = document.encode();
        try {
            document.apply(spoilt);
        } catch (MalformedUpdateException | LimitExceededException e) {
            assertThat(document.encode()).isEqualTo(before);
            return;
        }
        byte[] after = document.encode();
        YDocument copy = new YDocument(DocumentLimits.NONE);
        copy.apply(after);
        assertThat(copy.encode()).isEqualTo(after);
        assertThat(document.apply(spoilt)).isEmpty();
        assertThat(Updates.merge(List.of(before, spoilt))).isEqualTo(after);
    }

    @Property(tries = 3000)
    void randomBytesAreRefused(@ForAll byte[] noise) throws Exception {
        YDocument document = document();
        try {
            document.apply(noise);
        } catch (MalformedUpdateException | LimitExceededException expected) {
            // the bytes form an update
        }
        try {
            document.diff(noise);
        } catch (MalformedUpdateException expected) {
            // as above
        }
        assertThat(document.stateVector()).isNotEmpty();
    }

    @Test
    void stateVectorWithAnyClocksIsAccepted() throws Exception {
        YDocument document = document();
        byte[] all = document.diff(UpdateBuilder.vector(300, MAX_UINT, 1, MAX_UINT, 5, 5));
        assertThat(UpdateBuilder.describe(all)).allMatch(line -> line.startsWith("-"));
        for (String hex :
                new String[] {"", "01", "01 07", "80 ad e2 04 07 00", "00 00", "01 07 ff ff ff ff ff ff ff ff 01"}) {
            assertThatThrownBy(() -> document.diff(bytes(hex))).isInstanceOf(MalformedUpdateException.class);
        }
    }

    @Test
    void deletesInTheWorstOrderAreSortedOnce() throws Exception {
        int ranges = 200_000;
        long[] backwards = new long[2 * ranges];
        for (int i = 0; i < ranges; i++) {
            backwards[2 * i] = 3L * (ranges - i);
            backwards[2 * i + 1] = 1;
        }
        byte[] update =
                update().structs(7, 0, gc(3L * ranges + 5)).delete(7, backwards).build();
        YDocument document = new YDocument(DocumentLimits.DEFAULT);

        long start = System.nanoTime();
        document.apply(update);
        assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L); // quadratic would be minutes
        assertThat(document.encode()).hasSizeLessThan(30);
    }
}
