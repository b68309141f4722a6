package dev.tutti.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EscapesTest {
    @Test
    void harmlessTextStaysTheSame() {
        String text = "Zoë wrote \"{0}\" \\ 日本 \uD83D\uDE00";
        assertThat(Escapes.oneLine(text)).isSameAs(text);
    }

    @Test
    void controlsAndInvisibleCharactersAreEscaped() {
        assertThat(Escapes.oneLine("a\nb\r\tc")).isEqualTo("a\\nb\\r\\tc");
        assertThat(Escapes.oneLine("\u001b[31m\u0000\u007f\u0085\u009b"))
                .isEqualTo("\\u001b[31m\\u0000\\u007f\\u0085\\u009b");
        assertThat(Escapes.oneLine("\u2028\u2029\u202e\u2066\ufeff")).isEqualTo("\\u2028\\u2029\\u202e\\u2066\\ufeff");
        assertThat(Escapes.oneLine("\uDB40\uDC01")).isEqualTo("\\udb40\\udc01"); // a language tag, invisible
    }

    @Test
    void unpairedSurrogatesAreEscaped() {
        assertThat(Escapes.oneLine("\uD83D")).isEqualTo("\\ud83d");
        assertThat(Escapes.oneLine("\uDE00\uD83D")).isEqualTo("\\ude00\\ud83d");
        assertThat(Escapes.oneLine("\uD83D\uD83D\uDE00\uDE00")).isEqualTo("\\ud83d\uD83D\uDE00\\ude00");
    }

    @Test
    void jsonStringIsQuoted() {
        StringBuilder json = new StringBuilder();
        Escapes.appendJson(json, "\"\\\n\u0001é");
        assertThat(json).hasToString("\"\\\"\\\\\\n\\u0001é\"");
    }
}
