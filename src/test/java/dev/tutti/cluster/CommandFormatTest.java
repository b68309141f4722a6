package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.hub.Command;
import dev.tutti.security.Revocation;
import dev.tutti.security.Revocation.Kind;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CommandFormatTest {
    private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");

    private static Revocation ofUser(Instant issuedBefore) {
        return new Revocation(Kind.USER, "jörg 😀", issuedBefore);
    }

    static Stream<Command> commands() {
        return Stream.of(
                new Command.Revoke(ofUser(NOON)),
                new Command.Revoke(new Revocation(Kind.TOKEN, "t-1", NOON)),
                new Command.Revoke(new Revocation(Kind.ALL, "", NOON)),
                new Command.Disconnect("ann"),
                new Command.DisconnectClient("k3-7"),
                new Command.Reauthorize("ann"),
                new Command.Subscribe("ann", "orders"),
                new Command.Unsubscribe("ann", "orders"));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void commandIsReadAsItWasWritten(Command command) {
        List<String> values = new Question("command", CommandFormat.encode(command)).values();
        ServerMessage read = ServerMessage.decode(new ServerMessage("s", 7, values).encode());

        assertThat(read.number()).isEqualTo(7);
        assertThat(CommandFormat.decode(read.values().subList(1, read.values().size())))
                .isEqualTo(command);
    }

    static Stream<List<String>> unknown() {
        return Stream.of(
                List.of(),
                List.of("format the disk"),
                List.of("disconnect"),
                List.of("disconnect", ""),
                List.of("subscribe", "ann"),
                List.of("subscribe", "ann", "no room"),
                List.of("revoke"),
                List.of("revoke", "uann"),
                List.of("revoke", "uann", "noon"),
                List.of("revoke", "u", "1"),
                List.of("revoke", "x", "1"));
    }

    @ParameterizedTest
    @MethodSource("unknown")
    void otherCommandsAreRefused(List<String> command) {
        assertThatThrownBy(() -> CommandFormat.decode(command)).isInstanceOf(FormatException.class);
    }

    @Test
    void timesAreRoundedUpSoThatNoTokenEscapes() {
        assertThat(CommandFormat.millis(ofUser(NOON))).isEqualTo(NOON.toEpochMilli());
        assertThat(CommandFormat.millis(ofUser(NOON.plusNanos(1)))).isEqualTo(NOON.toEpochMilli() + 1);
        assertThat(CommandFormat.millis(ofUser(Instant.MIN))).isZero();
    }

    @Test
    void otherVersionIsNamed() {
        assertThatThrownBy(() -> ServerMessage.decode(Fields.encode(List.of("2", "s", "1", "command"))))
                .isInstanceOf(FormatException.class)
                .hasMessage("a message of version 2");
    }
}
