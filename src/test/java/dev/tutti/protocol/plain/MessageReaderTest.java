package dev.tutti.protocol.plain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.CloseCode;
import dev.tutti.protocol.SizeLimit;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {
    private final MessageReader reader = new MessageReader(new SizeLimit(65536));

    private Message.Text read(String frame) {
        Message message = reader.read(frame);
        assertThat(message).isInstanceOf(Message.Text.class);
        return (Message.Text) message;
    }

    @Test
    void everyJsonEscapeIsRead() {
        assertThat(read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\ud83d\\ude00\"")
                        .text())
                .isEqualTo("\"\\/\b\f\n\r\tA\u00e9\ud83d\ude00");
    }

    @Test
    void emptyStringIsAMessage() {
        assertThat(read("\"\"").text()).isEmpty();
        assertThat(MessageWriter.write(new Message.Text(""))).isEqualTo("\"\"");
    }

    @Test
    void nullCharacterIsEscaped() {
        assertThat(read("\"\\u0000\"").text()).isEqualTo("\0");
        assertThat(MessageWriter.write(new Message.Text("\0"))).isEqualTo("\"\\u0000\"");
    }

    @Test
    void emojiAreNotEscaped() {
        assertThat(MessageWriter.write(read("\"\ud83d\ude00\""))).isEqualTo("\"\ud83d\ude00\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud800", "\\udc00", "a\\udc00\\ud800b", "\\ud83d\\ude00\\ud83d"})
    void loneSurrogatesSurviveAsEscapes(String escaped) {
        Message.Text message = read('"' + escaped + '"');

        String json = MessageWriter.write(message);

        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(json)).isTrue();
        assertThat(read(json)).isEqualTo(message);
    }

    @Test
    void whitespaceAroundTheStringIsAllowed() {
        assertThat(read(" \t\r\n\"a\"\n ").text()).isEqualTo("a");
    }

    @Test
    void messageAtTheLimitIsRead() {
        String ascii = '"' + "x".repeat(65534) + '"';
        String threeBytesEach = "\"xx" + "\u20ac".repeat(21844) + '"';
        String fourBytesEach = "\"xx" + "\ud83d\ude00".repeat(16383) + '"';
        for (String frame : new String[] {ascii, threeBytesEach, fourBytesEach}) {
            assertThat(frame.getBytes(StandardCharsets.UTF_8)).hasSize(65536);
            assertThat(read(frame).text()).hasSize(frame.length() - 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u00e9", "\u20ac", "\ud83d\ude00"})
    void messageOverTheLimitIsTooLarge(String character) {
        int bytes = character.getBytes(StandardCharsets.UTF_8).length;
        String frame = '"' + character.repeat(65534 / bytes + 1) + '"';

        assertThat(reader.read(frame)).isInstanceOfSatisfying(Message.Malformed.class, malformed -> {
            assertThat(malformed.code()).isEqualTo(CloseCode.TOO_LARGE);
            assertThat(malformed.reason()).contains("65536 bytes");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``          | empty",
                "`  `        | empty",
                "12          | starts with",
                "null        | starts with",
                "true        | starts with",
                "{}          | starts with",
                "[\"a\"]     | starts with",
                "'a'         | starts with",
                "a           | starts with",
                "/**/\"a\"   | starts with",
                "`\u00a0\"a\"` | starts with",
                "`\ufeff\"a\"` | starts with",
                "\"a         | no closing quote",
                "\"a\\\"     | no closing quote",
                "\"\\        | no closing quote",
                "\"a\" x     | after the closing quote",
                "\"a\"\"b\"  | after the closing quote",
                "\"a\",\"b\" | after the closing quote",
                "\"a\"]      | after the closing quote",
                "`\"a\"\u00a0` | after the closing quote",
                "\"\\x\"     | bad escape",
                "\"\\u12\"   | bad escape",
                "\"\\u12g4\" | bad escape",
                "`\"a\nb\"`  | control character",
                "`\"a\tb\"`  | control character",
                "`\"\u0001\"` | control character",
            })
    void otherFramesAreMalformedWithTheirFault(String frame, String fault) {
        assertThat(reader.read(frame)).isInstanceOfSatisfying(Message.Malformed.class, malformed -> {
            assertThat(malformed.code()).isEqualTo(CloseCode.MALFORMED);
            assertThat(malformed.reason()).contains(fault).hasSizeLessThan(CloseCode.MAX_REASON_BYTES);
        });
    }

    @Property
    void writtenTextIsReadBack(@ForAll String text) {
        String json = MessageWriter.write(new Message.Text(text));

        assertThat(read(json).text()).isEqualTo(text);
        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(json)).isTrue();
    }
}
