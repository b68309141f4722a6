package dev.tutti.yjs;

import static dev.tutti.yjs.UpdateBuilder.any;
import static dev.tutti.yjs.UpdateBuilder.child;
import static dev.tutti.yjs.UpdateBuilder.deleted;
import static dev.tutti.yjs.UpdateBuilder.describe;
import static dev.tutti.yjs.UpdateBuilder.gc;
import static dev.tutti.yjs.UpdateBuilder.id;
import static dev.tutti.yjs.UpdateBuilder.json;
import static dev.tutti.yjs.UpdateBuilder.other;
import static dev.tutti.yjs.UpdateBuilder.skip;
import static dev.tutti.yjs.UpdateBuilder.text;
import static dev.tutti.yjs.UpdateBuilder.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.SmallHeap;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class YDocumentTest {
    private static final byte[] NOTHING = {0, 0};

    private final YDocument document = new YDocument(DocumentLimits.DEFAULT);

    private static UpdateBuilder update() {
        return new UpdateBuilder();
    }

    /** Applies an update; returns its new part. */
    private List<String> apply(UpdateBuilder update) throws Exception {
        return describe(document.apply(update.build()).orElse(NOTHING));
    }

    private List<String> content() throws Exception {
        return describe(document.encode());
    }

    @Test
    void largeDocumentIsEncodedInASmallHeap() throws Exception {
        SmallHeap.run(88, LargeEncoding.class);
    }

    @Test
    void emptyDocumentIsAnEmptyUpdate() throws Exception {
        assertThat(document.encode()).isEqualTo(NOTHING);
        assertThat(document.stateVector()).containsExactly(0);
        assertThat(document.diff(vector(7, 3))).isEqualTo(NOTHING);
        assertThat(document.apply(NOTHING)).isEmpty();
        assertThat(document.memoryBytes()).isZero();
    }

    @Test
    void contiguousTypingIsOneStruct() throws Exception {
        assertThat(apply(update().structs(7, 0, text(null, null, "a")))).containsExactly("7@0+1 STRING a");
        assertThat(apply(update().structs(7, 1, text(id(7, 0), null, "b")))).containsExactly("7@1+1 STRING ←7@0 b");
        apply(update().structs(7, 2, text(id(7, 1), null, "é😀")));

        assertThat(content()).containsExactly("7@0+5 STRING abé😀");
        assertThat(document.stateVector()).isEqualTo(vector(7, 5));
    }

    @Test
    void typingElsewhereIsASeparateStruct() throws Exception {
        apply(update().structs(7, 0, text(null, null, "ab")));
        apply(update().structs(7, 2, text(id(7, 0), id(7, 1), "x"))); // between the two
        apply(update().structs(7, 3, text(id(7, 2), id(7, 1), "y"))); // after that
        apply(update().structs(
                        7, 4, text(id(7, 3), null, "z"))); // with an earlier right neighbour, as only an undo inserts
        apply(update().structs(7, 5, any(id(7, 4), null, 1)));

        assertThat(content())
                .containsExactly(
                        "7@0+2 STRING ab", "7@2+2 STRING ←7@0 →7@1 xy", "7@4+1 STRING ←7@3 z", "7@5+1 ANY ←7@4");
    }

    @Test
    void repeatedUpdateHasNoNewPart() throws Exception {
        byte[] update =
                update().structs(7, 0, text(null, null, "abc")).delete(7, 1, 1).build();

        assertThat(document.apply(update)).isPresent();
        assertThat(document.apply(update)).isEmpty();
        assertThat(document.apply(document.encode())).isEmpty();
    }

    @Test
    void onlyTheRestOfAnOverlapIsNew() throws Exception {
        apply(update().structs(7, 0, text(null, null, "abc")));

        assertThat(apply(update().structs(7, 0, text(null, null, "abcde")))).containsExactly("7@3+2 STRING ←7@2 de");
        assertThat(content()).containsExactly("7@0+5 STRING abcde");
    }

    @Test
    void sequencesOfAllKindsAreSplitAndMerged() throws Exception {
        apply(update().structs(1, 0, any(null, null, 1, 2, 3), any(id(1, 2), null, 4)));
        apply(update().structs(2, 0, json(null, null, "1", "undefined"), json(id(2, 1), null, "{\"a\":[]}")));
        apply(update().structs(3, 0, deleted(null, null, 5), deleted(id(3, 4), null, 2)));
        apply(update().structs(4, 0, gc(5), gc(2)));

        assertThat(content())
                .containsExactly("4@0+7 GC", "3@0+7 DELETED", "2@0+3 JSON", "1@0+4 ANY", "-4@0+7", "-3@0+7");
        assertThat(describe(document.diff(vector(1, 2, 2, 1, 3, 6, 4, 4))))
                .containsExactly(
                        "4@4+3 GC", "3@6+1 DELETED ←3@5", "2@1+2 JSON ←2@0", "1@2+2 ANY ←1@1", "-4@0+7", "-3@0+7");
    }

    @Test
    void otherStructsAreNeitherSplitNorMerged() throws Exception {
        byte[] embed = {2, '"', '"'};
        apply(update().structs(1, 0, other(Kind.EMBED, null, null, embed), other(Kind.EMBED, id(1, 0), null, embed)));

        assertThat(content()).containsExactly("1@0+1 EMBED", "1@1+1 EMBED ←1@0");
    }

    @Test
    void deletedStructKeepsOnlyItsPosition() throws Exception {
        apply(update().structs(7, 0, text(null, id(8, 4), "abcdef")));

        assertThat(apply(update().delete(7, 1, 2))).containsExactly("-7@1+2");
        assertThat(content())
                .containsExactly(
                        "7@0+1 STRING →8@4 a", "7@1+2 DELETED ←7@0 →8@4", "7@3+3 STRING ←7@2 →8@4 def", "-7@1+2");
        assertThat(apply(update().delete(7, 0, 5, 2, 1))).containsExactly("-7@0+1", "-7@3+2");
        assertThat(content()).containsExactly("7@0+5 DELETED →8@4", "7@5+1 STRING ←7@4 →8@4 f", "-7@0+5");
    }

    @Test
    void structsInADeletedTypeBecomeGc() throws Exception {
        byte[] map = {1};
        apply(update().structs(7, 0, other(Kind.TYPE, null, null, map), text(id(7, 0), null, "next to it")));
        apply(update().structs(8, 0, child(id(7, 0), "k", "a"), text(id(8, 0), null, "b")));
        apply(update().structs(9, 0, text(null, id(8, 1), "c")));
        apply(update().structs(6, 0, other(Kind.TYPE, id(9, 0), null, map), text(null, id(9, 0), "d")));
        apply(update().structs(5, 0, child(id(6, 0), null, "grandchild"), text(id(5, 9), null, "!")));

        assertThat(apply(update().delete(7, 0, 1).delete(8, 0, 2).delete(6, 0, 1)))
                .containsExactly("-8@0+2", "-7@0+1", "-6@0+1");
        assertThat(describe(document.diff(vector(7, 11, 9, 1, 6, 2, 5, 11)))).startsWith("8@0+2 DELETED");
        assertThat(content())
                .containsExactly(
                        "9@0+1 GC",
                        "8@0+2 GC",
                        "7@0+1 DELETED",
                        "7@1+10 STRING ←7@0 next to it",
                        "6@0+2 GC",
                        "5@0+11 GC",
                        "-9@0+1",
                        "-8@0+2",
                        "-7@0+1",
                        "-6@0+2",
                        "-5@0+11");
        assertThat(document.memoryBytes()).isLessThan(2000);
    }

    @Test
    void wholeChainInADeletedTypeBecomesGc() throws Exception {
        byte[] map = {1};
        apply(update().structs(7, 0, other(Kind.TYPE, null, null, map)).structs(9, 0, child(id(7, 0), null, "a")));
        for (int i = 0; i < 1000; i++) {
            apply(update().structs(8, i, text(id(9, i), null, "b")).structs(9, i + 1, text(id(8, i), null, "a")));
        }
        apply(update().delete(7, 0, 1));

        assertThat(content())
                .containsExactly("9@0+1001 GC", "8@0+1000 GC", "7@0+1 DELETED", "-9@0+1001", "-8@0+1000", "-7@0+1");
    }

    @Test
    void cycleOfParentsIsHarmless() throws Exception {
        byte[] map = {1};
        apply(update().structs(7, 0, other(Kind.TYPE, null, null, map)));
        apply(update().structs(8, 0, text(id(9, 0), null, "a"))
                .structs(9, 0, text(id(8, 0), id(7, 99), "b"))
                .delete(7, 0, 1));

        assertThat(content())
                .containsExactly("9@0+1 STRING ←8@0 →7@99 b", "8@0+1 STRING ←9@0 a", "7@0+1 DELETED", "-7@0+1");
    }

    @Test
    void structsInALiveTypeStay() throws Exception {
        byte[] map = {1};
        apply(update().structs(7, 0, other(Kind.TYPE, null, null, map), other(Kind.TYPE, id(7, 0), null, map)));
        apply(update().structs(8, 0, child(id(7, 1), "k", "a"), text(id(8, 0), null, "b")));
        apply(update().delete(7, 0, 1).delete(8, 0, 1));

        assertThat(content())
                .containsExactly(
                        "8@0+1 DELETED", "8@1+1 STRING ←8@0 b", "7@0+1 DELETED", "7@1+1 TYPE ←7@0", "-8@0+1", "-7@0+1");
    }

    @Test
    void splitSurrogatePairBecomesTwoReplacements() throws Exception {
        apply(update().structs(7, 0, text(null, null, "a😀b")));

        assertThat(describe(document.diff(vector(7, 2)))).containsExactly("7@2+2 STRING ←7@1 \uFFFDb");
        assertThat(content()).containsExactly("7@0+4 STRING a😀b");
        assertThat(describe(document.diff(vector(7, 3)))).containsExactly("7@3+1 STRING ←7@2 b");
        apply(update().delete(7, 2, 1));
        assertThat(content())
                .containsExactly("7@0+2 STRING a\uFFFD", "7@2+1 DELETED ←7@1", "7@3+1 STRING ←7@2 b", "-7@2+1");
    }

    @Test
    void bothHalvesOfAPairMayBeCutOff() throws Exception {
        apply(update().structs(7, 0, text(null, null, "😀😀")));
        apply(update().delete(7, 0, 1, 3, 1));

        assertThat(content())
                .containsExactly(
                        "7@0+1 DELETED", "7@1+2 STRING ←7@0 \uFFFD\uFFFD", "7@3+1 DELETED ←7@2", "-7@0+1", "-7@3+1");
        apply(update().delete(7, 1, 1));
        assertThat(content()).contains("7@2+1 STRING ←7@1 \uFFFD");
    }

    @Test
    void earlyStructIsParked() throws Exception {
        assertThat(apply(update().structs(7, 3, text(id(7, 2), null, "def")))).containsExactly("7@3+3 STRING ←7@2 def");
        assertThat(document.stateVector()).isEqualTo(vector());
        assertThat(document.hasParked()).isTrue();
        assertThat(content()).containsExactly("7@3+3 STRING ←7@2 def");

        assertThat(apply(update().structs(7, 0, text(null, null, "a")))).containsExactly("7@0+1 STRING a");
        assertThat(document.stateVector()).isEqualTo(vector(7, 1));
        assertThat(content()).containsExactly("7@0+1 STRING a", "7@1+2 SKIP", "7@3+3 STRING ←7@2 def");
        assertThat(describe(document.diff(vector(7, 1)))).containsExactly("7@3+3 STRING ←7@2 def");
        assertThat(describe(document.diff(vector(7, 5)))).containsExactly("7@5+1 STRING ←7@4 f");

        assertThat(apply(update().structs(7, 0, text(null, null, "abcd")))).containsExactly("7@1+2 STRING ←7@0 bc");
        assertThat(document.stateVector()).isEqualTo(vector(7, 6));
        assertThat(document.hasParked()).isFalse();
        assertThat(content()).containsExactly("7@0+6 STRING abcdef");
    }

    @Test
    void gapIsFilledPieceByPiece() throws Exception {
        apply(update().structs(7, 8, text(id(7, 7), null, "i")));
        assertThat(apply(update().structs(7, 2, text(id(7, 1), null, "c"), skip(2), text(id(7, 4), null, "f"))))
                .containsExactly("7@2+1 STRING ←7@1 c", "7@3+2 SKIP", "7@5+1 STRING ←7@4 f");
        assertThat(apply(update().structs(7, 0, text(null, null, "abcdefghij"))))
                .containsExactly(
                        "7@0+2 STRING ab",
                        "7@2+1 SKIP",
                        "7@3+2 STRING ←7@2 de",
                        "7@5+1 SKIP",
                        "7@6+2 STRING ←7@5 gh",
                        "7@8+1 SKIP",
                        "7@9+1 STRING ←7@8 j");
        assertThat(content()).containsExactly("7@0+10 STRING abcdefghij");
    }

    @Test
    void longTextFillsManyGapsAtOnce() throws Exception {
        String text = "0123456789".repeat(2000);
        List<String> parked = new ArrayList<>();
        for (int clock = 3; clock < text.length(); clock += 97) {
            apply(update().structs(7, clock, text(id(7, clock - 1), null, text.substring(clock, clock + 1))));
            parked.add("7@" + clock + "+1 SKIP");
        }
        assertThat(apply(update().structs(7, 0, text(null, null, text)))).containsAll(parked);
        assertThat(content()).containsExactly("7@0+20000 STRING " + text);
    }

    @Test
    void earlyDeleteIsParked() throws Exception {
        assertThat(apply(update().delete(7, 1, 3))).containsExactly("-7@1+3");
        assertThat(apply(update().delete(7, 1, 3))).isEmpty();
        assertThat(document.stateVector()).isEqualTo(vector());
        assertThat(content()).containsExactly("-7@1+3");

        assertThat(apply(update().structs(7, 0, text(null, null, "abc"))))
                .containsExactly("7@0+1 STRING a", "7@1+2 DELETED ←7@0", "-7@1+2");
        assertThat(content()).containsExactly("7@0+1 STRING a", "7@1+2 DELETED ←7@0", "-7@1+3");
        apply(update().structs(7, 3, text(id(7, 2), null, "de")));
        assertThat(content()).containsExactly("7@0+1 STRING a", "7@1+3 DELETED ←7@0", "7@4+1 STRING ←7@3 e", "-7@1+3");
        assertThat(document.hasParked()).isFalse();
    }

    @Test
    void excessiveParkingIsRefusedWithoutEffect() throws Exception {
        YDocument small = new YDocument(new DocumentLimits(1000, 3, 4000, 12));
        small.apply(update().structs(7, 10, text(id(7, 9), null, "k")).build());
        small.apply(
                update().structs(7, 0, text(null, null, "a")).delete(8, 3, 1).build());
        byte[] before = small.encode();
        byte[] tooMany = update().structs(7, 1, text(id(7, 0), null, "b"))
                .structs(9, 5, text(id(9, 4), null, "f"))
                .delete(8, 5, 1)
                .build();

        assertThatThrownBy(() -> small.apply(tooMany)).isInstanceOf(LimitExceededException.class);
        assertThat(small.encode()).isEqualTo(before);
        byte[] tooLarge =
                update().structs(9, 5, text(id(9, 4), null, "f".repeat(1000))).build();
        assertThatThrownBy(() -> small.apply(tooLarge)).isInstanceOf(LimitExceededException.class);
        assertThat(small.encode()).isEqualTo(before);

        assertThat(small.apply(before)).as("parked already").isEmpty();
        assertThat(small.apply(update().structs(7, 1, text(id(7, 0), null, "bcdefghij"))
                        .build()))
                .as("an update that fills the gap parks nothing")
                .isPresent();
    }

    @Test
    void encodedDocumentDecodesWhateverIsParked() throws Exception {
        apply(update().structs(7, 10, text(id(7, 9), null, "k")).delete(8, 3, 1));
        YDocument read = YDocument.decode(document.encode(), new DocumentLimits(0, 0, 0, 0));

        assertThat(read.encode()).isEqualTo(document.encode());
        assertThat(read.hasParked()).isTrue();
        assertThat(read.apply(document.encode())).isEmpty();
        assertThatThrownBy(() -> read.apply(update().delete(8, 5, 1).build()))
                .isInstanceOf(LimitExceededException.class);
        assertThatThrownBy(() -> YDocument.decode(new byte[] {0}, DocumentLimits.DEFAULT))
                .isInstanceOf(MalformedUpdateException.class);
    }

    @Test
    void updateWithItsOwnPrefixParksNothing() throws Exception {
        YDocument strict = new YDocument(new DocumentLimits(0, 0, 0, 0));
        byte[] whole = update().structs(7, 0, text(null, null, "abc"), any(id(7, 2), null, 1))
                .delete(7, 0, 1, 2, 1)
                .build();

        assertThat(strict.apply(whole)).isPresent();
    }

    @Test
    void longTextIsSplitOnlyInMemory() throws Exception {
        String text = "😀é漢a".repeat(3000);
        apply(update().structs(7, 0, text(null, null, text)));
        assertThat(content()).containsExactly("7@0+15000 STRING " + text);

        apply(update().delete(7, 7000, 5));
        List<String> cut = content();
        assertThat(cut).hasSize(4);
        assertThat(cut.get(0)).isEqualTo("7@0+7000 STRING " + text.substring(0, 7000));
        assertThat(cut.get(2)).isEqualTo("7@7005+7995 STRING ←7@7004 " + text.substring(7005));
    }

    @Test
    void manyElementsAreSplitOnlyInMemory() throws Exception {
        int[] values = new int[5000];
        apply(update().structs(7, 0, any(null, null, values)));
        assertThat(content()).containsExactly("7@0+5000 ANY");

        apply(update().delete(7, 2500, 1));
        assertThat(content())
                .containsExactly("7@0+2500 ANY", "7@2500+1 DELETED ←7@2499", "7@2501+2499 ANY ←7@2500", "-7@2500+1");
    }

    @Test
    void oneLargeValueIsNotSplit() throws Exception {
        byte[] large = new byte[10_000];
        Lib0Writer content = new Lib0Writer();
        content.writeVarBytes(large);
        apply(update().structs(7, 0, other(Kind.BINARY, null, null, content.toByteArray()), text(id(7, 0), null, "a")));

        assertThat(document.encode()).hasSizeGreaterThan(10_000);
        apply(update().delete(7, 0, 1));
        assertThat(document.encode()).hasSizeLessThan(30);
        assertThat(document.memoryBytes()).isLessThan(2000);
    }

    @Test
    void clientMayHaveSeveralSections() throws Exception {
        apply(update().structs(7, 1, text(id(7, 0), null, "b")).structs(7, 0, text(null, null, "a")));

        assertThat(content()).containsExactly("7@0+2 STRING ab");
    }

    @Test
    void sectionMayBeEmpty() throws Exception {
        assertThat(apply(update().structs(7, 0).structs(7, 0, gc(1)))).containsExactly("7@0+1 GC", "-7@0+1");
        assertThat(apply(update().structs(8, 0, skip(3)).delete(8, 1, 1))).containsExactly("-8@1+1");
        assertThat(apply(update().structs(9, 0, skip(3)).delete(9))).isEmpty();
        assertThat(content()).containsExactly("7@0+1 GC", "-8@1+1", "-7@0+1");
    }

    @Test
    void highClientIdsComeFirst() throws Exception {
        long high = (1L << 53) - 1;
        apply(update().structs(1, 0, text(null, null, "a"))
                .structs(high, 0, text(null, null, "b"))
                .delete(1, 0, 1));

        assertThat(content()).containsExactly(high + "@0+1 STRING b", "1@0+1 DELETED", "-1@0+1");
        assertThat(document.stateVector()).isEqualTo(vector(high, 1, 1, 1));
    }

    @Test
    void deletedLargeDocumentTakesLittleMemory() throws Exception {
        for (int i = 0; i < 5000; i++) {
            apply(update().structs(7, 2L * i, text(null, id(8, i), "ab")));
        }
        assertThat(document.memoryBytes()).isBetween(30_000L, 100_000L);
        apply(update().delete(7, 0, 10_000));
        assertThat(describe(document.encode())).hasSize(5001);
    }

    @Test
    void smallBlocksAreMerged() throws Exception {
        apply(update().structs(7, 0, text(null, null, "ab".repeat(50_000))));
        long[] everyOther = new long[100_000];
        for (int i = 0; i < 50_000; i++) {
            everyOther[2 * i] = 2L * i;
            everyOther[2 * i + 1] = 1;
        }
        apply(update().delete(7, everyOther));
        assertThat(document.memoryBytes()).isGreaterThan(500_000);
        apply(update().delete(7, 0, 100_000));

        assertThat(content()).containsExactly("7@0+100000 DELETED", "-7@0+100000");
        assertThat(document.memoryBytes()).isLessThan(1000);
    }

    @Test
    void updatesWithGapsAreMerged() throws Exception {
        byte[] merged = Updates.merge(List.of(
                update().structs(7, 5, text(id(7, 4), null, "f")).build(),
                update().structs(7, 4, text(id(7, 3), null, "e"))
                        .delete(8, 0, 1)
                        .build(),
                update().structs(7, 8, text(id(7, 7), null, "i"))
                        .delete(8, 1, 1)
                        .build()));

        assertThat(describe(merged))
                .containsExactly("7@4+2 STRING ←7@3 ef", "7@6+2 SKIP", "7@8+1 STRING ←7@7 i", "-8@0+2");
        assertThat(Updates.merge(List.of())).isEqualTo(NOTHING);
    }

    @Test
    void containsExactlyItsStructsAndDeletes() throws Exception {
        YDocument document = new YDocument(DocumentLimits.DEFAULT);
        byte[] written = HexFormat.of().parseHex("01010100040101740268" + "69" + "00"); // client 1 writes "hi"
        byte[] deleted = HexFormat.of().parseHex("0001" + "0101" + "0001"); // of client 1, clock 0
        byte[] beyond = HexFormat.of().parseHex("0001" + "0101" + "0503");
        byte[] across = HexFormat.of().parseHex("0001" + "0101" + "0004");
        assertThat(document.contains(written)).isFalse();
        document.apply(written);
        assertThat(document.contains(written)).isTrue();
        assertThat(document.contains(deleted)).isFalse();
        document.apply(deleted);
        assertThat(document.contains(deleted)).isTrue();
        assertThat(document.contains(beyond)).isFalse();
        assertThat(document.contains(across)).isFalse();
        document.apply(across);
        assertThat(document.contains(across)).isTrue(); // a part of it is parked
        assertThat(document.contains(beyond)).isFalse();
    }

    private static Allowance by(long contributor, long nowMillis) {
        return new Allowance(contributor, Long.MAX_VALUE, Long.MAX_VALUE, nowMillis);
    }

    private static byte[] parkedOf(long client) {
        return update().structs(client, 5, text(id(client, 4), null, "f"), skip(1), text(id(client, 6), null, "h"))
                .build();
    }

    @Test
    void parkedStructsCountForTheirContributor() throws Exception {
        YDocument small = new YDocument(new DocumentLimits(1000, 2, 4000, 8));
        small.apply(parkedOf(7), by(1, 0));

        assertThatThrownBy(() -> small.apply(parkedOf(8), by(1, 0))).isInstanceOf(LimitExceededException.class);
        assertThat(small.apply(parkedOf(8), by(2, 0))).isPresent();
        small.apply(update().structs(7, 0, text(null, null, "abcdefgh")).build(), by(1, 0));
        assertThat(small.apply(parkedOf(9), by(1, 0))).as("room again").isPresent();
    }

    @Test
    void largestContributorLosesItsParkedStructs() throws Exception {
        YDocument small = new YDocument(new DocumentLimits(1000, 6, 4000, 7));
        small.apply(parkedOf(1), by(1, 0));
        small.apply(parkedOf(2), by(1, 0));
        small.apply(parkedOf(3), by(1, 0));
        assertThat(small.apply(parkedOf(7), by(2, 0))).isPresent();

        assertThat(describe(small.encode())).hasSize(3).allMatch(line -> line.startsWith("7@"));
    }

    @Test
    void contributorWithTheLargestShareLosesItsParkedStructs() throws Exception {
        YDocument small = new YDocument(new DocumentLimits(1000, 6, 4000, 6));
        small.apply(parkedOf(1), by(1, 0));
        small.apply(parkedOf(2), by(1, 0)); // 4 of 6 entries
        small.apply(
                update().structs(3, 5, text(id(3, 4), null, "f".repeat(900))).build(), by(2, 0)); // 900 of 1,000 bytes
        small.apply(parkedOf(4), by(3, 0)); // 7 entries in all

        assertThat(describe(small.encode()))
                .noneMatch(line -> line.startsWith("3@"))
                .filteredOn(line -> !line.contains("SKIP"))
                .hasSize(6);
    }

    @Test
    void parkedStructsTakeMemoryUntilTheyAreReleased() throws Exception {
        YDocument inOrder = new YDocument(DocumentLimits.DEFAULT);
        byte[] first = update().structs(7, 0, text(null, null, "abcde")).build();
        byte[] second = update().structs(7, 5, text(id(7, 4), null, "fgh")).build();
        inOrder.apply(first);
        inOrder.apply(second);

        document.apply(second);
        document.apply(update().delete(7, 6, 1).build());
        assertThat(document.memoryBytes())
                .as("parked structs cost more than others")
                .isGreaterThan(inOrder.memoryBytes());
        document.apply(first);
        inOrder.apply(update().delete(7, 6, 1).build());
        assertThat(document.memoryBytes()).isEqualTo(inOrder.memoryBytes());
    }

    @Test
    void longStateVectorLeavesOutUnknownClients() throws Exception {
        apply(update().structs(7, 0, text(null, null, "abc")).structs(9, 0, text(null, null, "x")));
        byte[] known = vector(1, 5, 7, 2, 8, 4, 100, 1); // more clients than the document has

        assertThat(describe(document.diff(known))).containsExactly("9@0+1 STRING x", "7@2+1 STRING ←7@1 c");
    }

    @Test
    void droppedParkedStructsCanArriveAgain() throws Exception {
        document.apply(
                update().structs(7, 0, text(null, null, "abc")).delete(8, 3, 1).build(), by(1, 100));
        document.apply(parkedOf(7), by(1, 100));
        document.apply(update().structs(7, 9, text(id(7, 8), null, "j")).build(), by(2, 200));

        assertThat(document.dropParkedBefore(100)).isFalse();
        assertThat(document.dropParkedBefore(150)).isTrue();
        assertThat(content()).containsExactly("7@0+3 STRING abc", "7@3+6 SKIP", "7@9+1 STRING ←7@8 j");
        assertThat(document.dropParkedBefore(250)).isTrue();
        assertThat(content()).containsExactly("7@0+3 STRING abc");
        assertThat(document.hasParked()).isFalse();
        apply(update().structs(7, 3, text(id(7, 2), null, "defghij")));
        assertThat(content()).containsExactly("7@0+10 STRING abcdefghij");
    }

    @Test
    void limitAppliesToTheGrowthByAnUpdate() throws Exception {
        byte[] known =
                update().structs(7, 0, text(null, null, "a".repeat(5000))).build();
        document.apply(known);
        Allowance full = new Allowance(1, 0, 1000, 0);
        UpdateBuilder clients = update();
        for (int i = 0; i < 1000; i++) {
            clients.structs(i + 10, 0, gc(1));
        }
        long before = document.memoryBytes();
        byte[] encoded = document.encode();

        assertThatThrownBy(() -> document.apply(clients.build(), new Allowance(1, 30_000, 30_000, 0)))
                .isInstanceOf(LimitExceededException.class);
        assertThat(document.memoryBytes()).isEqualTo(before);
        assertThat(document.encode()).isEqualTo(encoded);
        assertThat(document.apply(known, full)).as("a repeat").isEmpty();
        assertThat(document.apply(update().delete(7, 50, 1).build(), full))
                .as("a delete")
                .isPresent();
        byte[] replacing = update().structs(7, 5000, text(null, null, "b"))
                .delete(7, 0, 5000)
                .build();
        assertThat(document.apply(replacing, full)).as("smaller in the end").isPresent();
    }

    @Test
    void updateOfTooManyClientsIsRefusedCheaply() throws Exception {
        UpdateBuilder clients = update();
        byte[] struct = gc(1);
        for (int i = 0; i < 100_000; i++) {
            clients.structs(i, 0, struct);
        }
        byte[] update = clients.build();
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        assertThatThrownBy(() -> document.apply(update, new Allowance(1, 10_000_000, 10_000_000, 0)))
                .isInstanceOf(LimitExceededException.class);
        assertThat(threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before)
                .isLessThan(10_000_000);
    }

    @Test
    void deletesOfTooManyUnknownClientsAreRefused() throws Exception {
        UpdateBuilder structs = update();
        UpdateBuilder known = update();
        UpdateBuilder unknown = update();
        for (int i = 0; i < 200; i++) {
            structs.structs(i, 0, text(null, null, "ab"));
            known.delete(i, 0, 1);
            unknown.delete(1000 + i, 0, 1);
        }
        apply(structs);
        Allowance small = new Allowance(1, 30_000, 30_000, 0);

        assertThatThrownBy(() -> document.apply(unknown.build(), small)).isInstanceOf(LimitExceededException.class);
        assertThat(document.hasParked()).isFalse();
        assertThat(document.apply(known.build(), small)).isPresent();
    }

    @Test
    void updateIsEncodedAgainFromItsIds() throws Exception {
        byte[] first = HexFormat.of().parseHex("010101000401" + "0174" + "026869" + "00");
        byte[] more = HexFormat.of().parseHex("010101028401010161" + "00");
        YDocument document = new YDocument(DocumentLimits.DEFAULT);
        UpdateIds idsOfFirst = new UpdateIds();
        UpdateIds idsOfMore = new UpdateIds();
        document.apply(first, Allowance.ALL, idsOfFirst);
        document.apply(more, Allowance.ALL, idsOfMore);
        assertThat(document.encode(idsOfFirst)).isEqualTo(first);
        assertThat(document.encode(idsOfMore)).isEqualTo(more);
    }

    @Test
    void updateWithANewPartIsNotContained() throws Exception {
        apply(update().structs(7, 0, text(null, null, "ab")).delete(7, 0, 1));

        assertThat(document.contains(update().structs(7, 0, text(null, null, "ab"))
                        .delete(7, 0, 1)
                        .build()))
                .isTrue();
        assertThat(document.contains(
                        update().structs(7, 0, text(null, null, "abc")).build()))
                .isFalse();
        assertThat(document.contains(
                        update().structs(8, 0, text(null, null, "a")).build()))
                .isFalse();
        assertThat(document.contains(update().delete(7, 0, 2).build())).isFalse();
        assertThat(document.contains(update().delete(8, 0, 1).build())).isFalse();
    }

    @Test
    void containmentAllowsAnyOrderOfSections() throws Exception {
        byte[] update = update().structs(7, 3, text(id(7, 2), null, "d"))
                .structs(7, 0, text(null, null, "abc"))
                .delete(7, 3, 1)
                .delete(7, 0, 1)
                .build();
        UpdateIds ids = new UpdateIds();
        document.apply(update, Allowance.ALL, ids);

        assertThat(document.contains(update)).isTrue();
        assertThat(document.contains(document.encode(ids))).isTrue();
        assertThat(describe(document.encode(ids))).isEqualTo(content());
    }

    @Test
    void idsAreOfTheWholeUpdateNotOfItsNewPart() throws Exception {
        byte[] half = HexFormat.of().parseHex("010101000401" + "0174" + "026869" + "00");
        byte[] whole = HexFormat.of()
                .parseHex("010201000401" + "0174" + "026869" + "8401010161" + "01" + "01" + "01" + "0001");
        YDocument document = new YDocument(DocumentLimits.DEFAULT);
        document.apply(half);
        UpdateIds ids = new UpdateIds();
        document.apply(whole, Allowance.ALL, ids);
        YDocument copy = new YDocument(DocumentLimits.DEFAULT);
        copy.apply(document.encode(ids));

        assertThat(copy.contains(whole)).isTrue();
        assertThat(ids.memoryBytes()).isEqualTo(232); // one range of structs, one of deletes
    }

    @Test
    void idsOfAKnownUpdateAreComplete() throws Exception {
        byte[] update = HexFormat.of().parseHex("010101000401" + "0174" + "026869" + "00");
        YDocument document = new YDocument(DocumentLimits.DEFAULT);
        document.apply(update);
        UpdateIds ids = new UpdateIds();
        assertThat(document.apply(update, Allowance.ALL, ids)).isEmpty();
        assertThat(document.encode(ids)).isEqualTo(update);
    }
}
