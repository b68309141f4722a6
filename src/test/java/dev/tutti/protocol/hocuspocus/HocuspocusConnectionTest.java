package dev.tutti.protocol.hocuspocus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.document.DocumentClients;
import dev.tutti.document.Documents;
import dev.tutti.document.FrameRecorder;
import dev.tutti.document.MemoryStore;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.protocol.FakeTokens;
import dev.tutti.protocol.SlowPermissions;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Authenticator;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.settings.Settings;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HocuspocusConnectionTest {
    private static final String AUTHENTICATE = "02" + "00" + "00";
    private static final String SYNC_STEP_1 = "00" + "00" + "0100";
    private static final String CLOSE = "07" + "00";
    private static final String READ_WRITE = "02" + "02" + "0a" + "726561642d7772697465";

    private final Limits limits = Settings.read(Limits.class, name -> name.equals("max-rooms-per-client") ? "2" : null);
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Hub hub = new Hub(limits, "h", tasks::add, 1, TimeSource.SYSTEM);
    private final Documents documents = new Documents(
            limits, hub.budget(), new MemoryStore(), tasks::add, TimeSource.SYSTEM, (task, nanos) -> tasks.add(task));
    private final FrameRecorder peer = new FrameRecorder();
    private final Client client = hub.connect(peer, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted(""));
    private final HocuspocusConnection connection =
            new HocuspocusConnections(documents, limits, FakeTokens.NONE, TimeSource.SYSTEM).open(client, false);

    /** Sends a message about a document, and runs all tasks. */
    private void send(String key, String message) {
        connection.receive(HexFormat.of().parseHex(hex(key) + message));
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private static String hex(String key) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarString(key);
        return HexFormat.of().formatHex(out.toByteArray());
    }

    private static String denied(String key, String reason) {
        return hex(key) + "02" + "01" + hex(reason);
    }

    @Test
    void messageBeforeAuthenticationWaitsForIt() {
        send("a", SYNC_STEP_1);
        assertThat(peer.received()).isEmpty();
        send("a", AUTHENTICATE);
        assertThat(peer.received())
                .containsExactly(
                        hex("a") + READ_WRITE, hex("a") + "00" + "01" + "020000", hex("a") + "00" + "00" + "0100");
    }

    @Test
    void keyWithASessionNamesTheSameDocument() {
        send("a", AUTHENTICATE);
        send("a\0session", AUTHENTICATE);
        assertThat(documents.count()).isOne();
        assertThat(peer.received()).containsExactly(hex("a") + READ_WRITE, hex("a\0session") + READ_WRITE);
    }

    @Test
    void invalidNameIsDeniedAndItsMessagesAreDropped() {
        send("a b", SYNC_STEP_1);
        send("a b", AUTHENTICATE);
        assertThat(peer.received()).hasSize(1).first().asString().startsWith(hex("a b") + "02" + "01");
        assertThat(hub.budget().usedBytes(Budget.Share.INPUT)).isZero();
        assertThat(peer.closeCode()).isNull();
    }

    @Test
    void oneDocumentTooManyIsDenied() {
        send("a", AUTHENTICATE);
        send("b", AUTHENTICATE);
        send("c", AUTHENTICATE);
        assertThat(peer.received()).last().isEqualTo(denied("c", "too many documents on one connection"));
        send("a", CLOSE);
        send("c", AUTHENTICATE);
        assertThat(peer.received()).last().isEqualTo(hex("c") + READ_WRITE);
    }

    @Test
    void malformedMessageResetsTheConnection() {
        send("a", AUTHENTICATE);
        send("a", "02");
        assertThat(peer.closeCode()).as("a second authentication is ignored").isNull();
        send("a", "09");
        assertThat(peer.closeCode()).isEqualTo(CloseCode.RESET_CONNECTION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0561", "00", "00020000"})
    void messageWithoutAKeyIsUnauthenticated(String message) {
        connection.receive(HexFormat.of().parseHex(message));
        assertThat(peer.closeCode()).isEqualTo(CloseCode.UNAUTHENTICATED);
        assertThat(peer.closeReason()).isEqualTo("this is not a message about a document");
    }

    @Test
    void keyOf257CharactersIsUnauthenticated() {
        send("a\0" + "s".repeat(254), AUTHENTICATE);
        assertThat(peer.closeCode()).isNull();
        send("a\0" + "s".repeat(255), AUTHENTICATE);
        assertThat(peer.closeCode()).isEqualTo(CloseCode.UNAUTHENTICATED);
    }

    @Test
    void pongAndStatelessMessagesAreIgnored() {
        send("a", AUTHENTICATE);
        connection.receive(new byte[] {10});
        send("a", "05" + "00");
        assertThat(peer.received()).hasSize(1);
        assertThat(peer.closeCode()).isNull();
    }

    @Test
    void tooManyMessagesBeforeAuthenticationCloseTheClient() {
        for (int i = 0; i < 1_000; i++) {
            send("a", SYNC_STEP_1);
        }
        assertThat(peer.closeCode()).isNull();
        send("a", SYNC_STEP_1);
        assertThat(peer.closeCode()).isEqualTo(CloseCode.RESET_CONNECTION);
        assertThat(peer.closeReason()).isEqualTo("too much before authentication");
    }

    @Test
    void messagesAboutTooManyDocumentsCloseTheClient() {
        for (int i = 0; i < 100; i++) {
            send("d" + i, SYNC_STEP_1);
        }
        assertThat(peer.closeCode()).isNull();
        send("d100", SYNC_STEP_1);
        assertThat(peer.closeCode()).isEqualTo(CloseCode.RESET_CONNECTION);
    }

    /** A connection of a server where the role {@code reader} may not write, and each user only opens documents of its name. */
    private HocuspocusConnection withTokens(Access access) {
        Authenticator tokens =
                FakeTokens.with((identity, action, resource) -> resource.name().equals(identity.user())
                        && !(action == Action.WRITE && identity.roles().contains("reader")));
        Client stranger = hub.connect(peer, DocumentClients.Y_WEBSOCKET, "", access);
        return new HocuspocusConnections(documents, limits, tokens, TimeSource.SYSTEM).open(stranger, false);
    }

    private static final Access STRANGER =
            FakeTokens.with((identity, action, resource) -> false).of(Identity.ANONYMOUS);

    private void authenticate(HocuspocusConnection connection, String key, String token) {
        connection.receive(HexFormat.of().parseHex(hex(key) + "02" + "00" + hex(token)));
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Test
    void eachDocumentHasItsToken() {
        HocuspocusConnection tokens = withTokens(STRANGER);

        authenticate(tokens, "ann", "ann");
        authenticate(tokens, "eve", "ann");
        authenticate(tokens, "ben", "ben,reader");

        assertThat(peer.received())
                .containsExactly(
                        hex("ann") + READ_WRITE,
                        denied("eve", "this user may not open this document"),
                        hex("ben") + "02" + "02" + hex("readonly"));
        assertThat(peer.closeCode()).isNull();
    }

    @Test
    void documentWithoutAGoodTokenIsDeniedAndLeavesNoTrace() {
        HocuspocusConnection tokens = withTokens(STRANGER);

        authenticate(tokens, "ann", "");
        authenticate(tokens, "ann", "bad");
        authenticate(tokens, "ann", "early");

        assertThat(peer.received())
                .containsExactly(
                        denied("ann", "a token is needed: set the provider's option token"),
                        denied("ann", "this token is bad"),
                        denied("ann", "there are no keys yet"));
        assertThat(documents.count()).isZero();
    }

    @Test
    void handshakesTokenCountsForADocumentWithoutOne() {
        HocuspocusConnection tokens =
                withTokens(FakeTokens.with((identity, action, resource) -> true).ofToken("ann", ""));

        authenticate(tokens, "a", "");
        authenticate(tokens, "b", "bad");

        assertThat(peer.received()).containsExactly(hex("a") + READ_WRITE, denied("b", "this token is bad"));
    }

    @Test
    void serverWithoutTokensIgnoresThem() {
        authenticate(connection, "a", "bad");

        assertThat(peer.received()).containsExactly(hex("a") + READ_WRITE);
    }

    @Test
    void laterTokenMakesAWriterAReader() {
        HocuspocusConnection tokens = withTokens(STRANGER);
        authenticate(tokens, "ann", "ann");

        authenticate(tokens, "ann", "ann,reader");
        authenticate(tokens, "ann", "bad");
        authenticate(tokens, "ann", "ann");

        assertThat(peer.received())
                .containsExactly(
                        hex("ann") + READ_WRITE, hex("ann") + "02" + "02" + hex("readonly"), hex("ann") + READ_WRITE);
    }

    @Test
    void laterTokenWithoutTheRightClosesTheDocument() {
        HocuspocusConnection tokens = withTokens(STRANGER);
        authenticate(tokens, "ann", "ann");

        authenticate(tokens, "ann", "ben");

        assertThat(peer.received()).last().isEqualTo(denied("ann", "this user may no longer open this document"));
        authenticate(tokens, "ann", "ann");
        assertThat(peer.received()).last().isEqualTo(hex("ann") + READ_WRITE);
    }

    @Test
    void endOfATokenIsAnnouncedOnceThenClosesItsDocument() {
        HocuspocusConnection tokens = withTokens(STRANGER);
        authenticate(tokens, "ann", "ann");
        authenticate(tokens, "ben", "ben");
        peer.received().clear();
        long end = FakeTokens.END.toEpochMilli();

        tokens.tickTokens(end - 25_001);
        assertThat(peer.received()).isEmpty();
        tokens.tickTokens(end - 25_000);
        tokens.tickTokens(end - 1);
        assertThat(peer.received()).containsExactlyInAnyOrder(hex("ann") + "02" + "00", hex("ben") + "02" + "00");
        peer.received().clear();
        tokens.tickTokens(end);

        assertThat(peer.received())
                .containsExactlyInAnyOrder(
                        denied("ann", "the token has expired"), denied("ben", "the token has expired"));
        assertThat(peer.closeCode()).isNull();
    }

    @Test
    void scopeIsSentOnceForAChangeThatTwoThreadsFind() throws InterruptedException {
        AtomicReference<@Nullable Thread> second = new AtomicReference<>();
        AtomicReference<@Nullable Runnable> question = new AtomicReference<>();
        Permissions permissions = (identity, action, resource) -> {
            Runnable asked = question.getAndSet(null);
            if (asked != null) {
                asked.run();
            }
            return action != Action.WRITE || second.get() == null;
        };
        Client eve = hub.connect(peer, DocumentClients.Y_WEBSOCKET, "", new Access(Identity.named("Eve"), permissions));
        HocuspocusConnection written =
                new HocuspocusConnections(documents, limits, FakeTokens.NONE, TimeSource.SYSTEM).open(eve, false);
        authenticate(written, "a", "");
        Thread other = new Thread(written::rightsChanged);
        question.set(
                () -> { // the second thread begins while the first one takes the rights
                    second.set(other);
                    other.start();
                    await().until(() -> other.getState() == Thread.State.BLOCKED || !other.isAlive());
                });

        written.rightsChanged();
        other.join();
        run();

        assertThat(peer.received()).containsExactly(hex("a") + READ_WRITE, hex("a") + "02" + "02" + hex("readonly"));
    }

    private void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private HocuspocusConnection slowConnection(SlowPermissions slow) {
        Client eve = hub.connect(peer, DocumentClients.Y_WEBSOCKET, "", new Access(Identity.named("Eve"), slow));
        return new HocuspocusConnections(documents, limits, FakeTokens.NONE, TimeSource.SYSTEM).open(eve, false);
    }

    @Test
    void connectionWaitsUntilTheRightsAreKnown() {
        SlowPermissions slow = new SlowPermissions();
        HocuspocusConnection waiting = slowConnection(slow);
        for (String message : List.of(hex("a") + AUTHENTICATE, hex("a") + SYNC_STEP_1, hex("b") + AUTHENTICATE)) {
            waiting.receive(HexFormat.of().parseHex(message));
        }
        run();
        assertThat(peer.received()).isEmpty();
        slow.answer("a", EnumSet.allOf(Action.class));
        run();
        assertThat(peer.received()).hasSize(3).startsWith(hex("a") + READ_WRITE);
        slow.answer("b", EnumSet.noneOf(Action.class));
        run();

        assertThat(peer.received()).hasSize(4).endsWith(denied("b", "this user may not open this document"));
    }

    @Test
    void unknownRightsDenyWithTheReason() {
        SlowPermissions slow = new SlowPermissions();
        HocuspocusConnection waiting = slowConnection(slow);
        waiting.receive(HexFormat.of().parseHex(hex("a") + AUTHENTICATE));
        slow.fail("a");
        run();

        assertThat(peer.received()).containsExactly(denied("a", "nobody knows"));
        assertThat(documents.count()).isZero();
    }
}
