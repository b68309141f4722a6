package dev.tutti.yjs.lib0;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Lib0Test {
    private static Lib0Reader reader(String hex) {
        return new Lib0Reader(HexFormat.ofDelimiter(" ").parseHex(hex));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 00",
        "127, 7f",
        "128, 80 01",
        "16383, ff 7f",
        "16384, 80 80 01",
        "4294967295, ff ff ff ff 0f",
        "9007199254740991, ff ff ff ff ff ff ff 0f"
    })
    void aVarUintHasSevenBitsAByte(long value, String hex) throws Exception {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(value);
        assertThat(HexFormat.ofDelimiter(" ").formatHex(out.toByteArray())).isEqualTo(hex);
        assertThat(reader(hex).readVarUint()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff ff ff ff ff ff ff 10", "80 80 80 80 80 80 80 80 00", "80", ""})
    void noOtherVarUintIsRead(String hex) {
        assertThatThrownBy(() -> reader(hex).readVarUint()).isInstanceOf(MalformedUpdateException.class);
    }

    @Test
    void varUintHasAtMost53Bits() {
        Lib0Writer out = new Lib0Writer();
        assertThatThrownBy(() -> out.writeVarUint(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> out.writeVarUint(1L << 53)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void writtenValuesAreReadBack(
            @ForAll @LongRange(max = Lib0Reader.MAX_UINT) long number, @ForAll byte[] bytes, @ForAll String string)
            throws Exception {
        String wellFormed = new String(string.getBytes(UTF_8), UTF_8);
        Lib0Writer out = new Lib0Writer();
        out.writeByte(0xAB);
        out.writeVarUint(number);
        out.writeVarBytes(bytes);
        out.writeVarString(wellFormed);
        byte[] padded = new byte[out.size() + 10];
        Arrays.fill(padded, (byte) 0x7F);
        System.arraycopy(out.toByteArray(), 0, padded, 5, out.size());

        Lib0Reader in = new Lib0Reader(padded, 5, 5 + out.size());
        assertThat(in.readByte()).isEqualTo(0xAB);
        assertThat(in.readVarUint()).isEqualTo(number);
        assertThat(in.readVarBytes()).isEqualTo(bytes);
        assertThat(in.readVarString()).isEqualTo(wellFormed);
        in.expectEnd();
        assertThatThrownBy(in::readByte).isInstanceOf(MalformedUpdateException.class);
    }

    @Test
    void impossibleLengthIsRefusedBeforeAllocation() {
        assertThatThrownBy(() -> reader("ff ff ff ff 07 00").readVarBytes())
                .isInstanceOf(MalformedUpdateException.class);
        assertThatThrownBy(() -> reader("02 61").readVarString()).isInstanceOf(MalformedUpdateException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "7f",
                "7e",
                "7d 00",
                "7d 41",
                "7d bf ff ff ff 0f",
                "7c 00 00 00 00",
                "7b 00 00 00 00 00 00 00 00",
                "7a 00 00 00 00 00 00 00 00",
                "79",
                "78",
                "77 02 c3 a9",
                "76 01 01 61 7e",
                "75 02 7f 75 00",
                "74 01 ff"
            })
    void everyTypeOfValueIsKnown(String hex) throws Exception {
        Lib0Reader in = reader(hex);
        in.skipAny();
        in.expectEnd();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "73",
                "80",
                "00",
                "7d",
                "7d 80",
                "7d bf ff ff ff ff ff ff ff ff 0f",
                "7c 00 00 00",
                "7b 00 00 00 00 00 00 00",
                "77 01 ff",
                "77 03 ed a0 80",
                "76 01 61 7e",
                "76 01 01 61",
                "75 02 7f",
                "75 ff ff ff ff 0f 7f",
                "74 02 ff"
            })
    void noOtherValueIsRead(String hex) {
        assertThatThrownBy(() -> reader(hex).skipAny()).isInstanceOf(MalformedUpdateException.class);
    }

    @Test
    void nestingOfValuesIsBounded() throws Exception {
        reader("75 01 ".repeat(Lib0Reader.MAX_DEPTH - 1) + "7f").skipAny();
        assertThatThrownBy(() ->
                        reader("75 01 ".repeat(Lib0Reader.MAX_DEPTH) + "7f").skipAny())
                .isInstanceOf(MalformedUpdateException.class);
        assertThatThrownBy(() -> reader("75 01 ".repeat(1_000_000) + "7f").skipAny())
                .isInstanceOf(MalformedUpdateException.class);
    }

    @Property
    void textIsCountedAndCutLikeInTheJdk(@ForAll String string, @ForAll int seed) {
        String text = new String(string.getBytes(UTF_8), UTF_8);
        byte[] bytes = text.getBytes(UTF_8);
        assertThat(Utf8.units(bytes, 0, bytes.length)).isEqualTo(text.length());
        int units = Math.floorMod(seed, text.length() + 1);
        int at = Utf8.skip(bytes, 0, units);
        boolean inPair = units > 0 && units < text.length() && Character.isLowSurrogate(text.charAt(units));
        assertThat(at < 0).isEqualTo(inPair);
        String before = text.substring(0, inPair ? units - 1 : units);
        assertThat(at < 0 ? ~at : at).isEqualTo(before.getBytes(UTF_8).length);
        for (int i = 0; i < bytes.length; i++) {
            int boundary = Utf8.boundary(bytes, i);
            assertThat(i - boundary).isBetween(0, 3);
            assertThat(Utf8.units(bytes, boundary, bytes.length)).isNotNegative();
        }
    }

    @Property(tries = 5000)
    void utf8CheckAgreesWithTheJdk(@ForAll @Size(max = 6) byte[] bytes) {
        int units;
        try {
            units = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).length();
        } catch (CharacterCodingException e) {
            units = -1;
        }
        assertThat(Utf8.units(bytes, 0, bytes.length)).isEqualTo(units);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                " true ",
                "false",
                "0",
                "-0.5e+10",
                "1E-2",
                "\"\"",
                "\"é\\n\\u00e9\\ud800\\\"\"",
                "[]",
                "[1, [2] ,{}]",
                "{\"a\" : {\"b\":[null]}, \"a\":1}",
                "\t\r\n{}"
            })
    void jsonIsRead(String json) throws Exception {
        byte[] bytes = json.getBytes(UTF_8);
        Json.check(bytes, 0, bytes.length);
        assertThat(Json.isNull(bytes)).isEqualTo(json.equals("null"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "undefined",
                "nul",
                "nulll",
                "01",
                "-",
                "1.",
                ".5",
                "1e",
                "+1",
                "\"",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\n\"",
                "[",
                "[1",
                "[1,]",
                "[,]",
                "]",
                "{",
                "{\"a\"}",
                "{\"a\":}",
                "{a:1}",
                "{\"a\":1,}",
                "1 2",
                "[1}",
                "NaN",
                "'a'"
            })
    void nothingElseIsJson(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        assertThatThrownBy(() -> Json.check(bytes, 0, bytes.length)).isInstanceOf(MalformedUpdateException.class);
    }

    @Test
    void nestingOfJsonIsBounded() throws Exception {
        byte[] deep = ("[".repeat(Lib0Reader.MAX_DEPTH) + "]".repeat(Lib0Reader.MAX_DEPTH)).getBytes(UTF_8);
        Json.check(deep, 0, deep.length);
        byte[] deeper = "[".repeat(1_000_000).getBytes(UTF_8);
        assertThatThrownBy(() -> Json.check(deeper, 0, deeper.length)).isInstanceOf(MalformedUpdateException.class);
    }
}
