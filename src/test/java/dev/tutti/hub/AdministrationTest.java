package dev.tutti.hub;

import static dev.tutti.hub.TestClients.join;
import static dev.tutti.hub.TestClients.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.protocol.SlowPermissions;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.ForbiddenException;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Resource;
import dev.tutti.security.Revocations;
import dev.tutti.security.UnavailableException;
import dev.tutti.security.Way;
import dev.tutti.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdministrationTest {
    private static final Limits LIMITS = Settings.read(Limits.class, name -> null);

    /** As {@link TestProtocol#ALL_EVENTS}, and has a frame for a lost room. */
    private static final Protocol WITH_REMOVED = new Protocol() {
        @Override
        public @Nullable Frame encode(String room, RoomEvent event) {
            return TestProtocol.ALL_EVENTS.encode(room, event);
        }

        @Override
        public boolean receivesPresence() {
            return true;
        }

        @Override
        public Frame removed(String room, Removal removal) {
            return Frame.text("removed " + room + (removal == Removal.REJOIN ? " for now" : ""));
        }
    };

    private final FakeTime time = new FakeTime();
    private final FakeExecutor executor = new FakeExecutor();
    private final Hub hub = new Hub(LIMITS, "h", executor, 1, time);
    private final Revocations revocations = new Revocations();
    private final Administration administration = new Administration(hub, revocations, Permissions.ALLOW_ALL);
    private final Set<Action> denied = EnumSet.noneOf(Action.class);
    private final Permissions permissions =
            revocations.restrict((identity, action, resource) -> !denied.contains(action));

    private final FakeTransport anns = new FakeTransport(FakeTransport.Mode.INSIDE, 100);
    private final FakeTransport bens = new FakeTransport(FakeTransport.Mode.INSIDE, 100);

    private Client connect(FakeTransport transport, Protocol protocol, String user) {
        Identity identity =
                new Identity(Way.TOKEN, user, Set.of(), Map.of("jti", "t-" + user, "iat", now().toString()), null);
        return hub.connect(transport, protocol, "", new Access(identity, permissions));
    }

    private Instant now() {
        return Instant.ofEpochMilli(time.millis());
    }

    /** Runs all that waits, and returns the result. */
    private int done(CompletionStage<Integer> count) {
        executor.runAll();
        return count.toCompletableFuture().join();
    }

    @Test
    void userIsDisconnectedOthersStay() {
        Client ann = connect(anns, WITH_REMOVED, "ann");
        Client ben = connect(bens, WITH_REMOVED, "ben");

        assertThat(done(administration.disconnect("ann"))).isOne();

        assertThat(ann.hasEnded()).isTrue();
        assertThat(anns.closedWith()).isEqualTo(CloseCode.FORBIDDEN);
        assertThat(ben.hasEnded()).isFalse();
        assertThat(done(administration.disconnect("ann"))).isZero();
    }

    @Test
    void missedCommandConcernsEarlierConnections() {
        Client ann = connect(anns, WITH_REMOVED, "ann");
        time.passNanos(10);
        long missed = time.nanos();
        Client again = connect(bens, WITH_REMOVED, "ann");

        assertThat(done(administration.runMissed(new Command.Subscribe("ann", "orders"), missed)))
                .isZero(); // this protocol has no frame for it
        assertThat(done(administration.runMissed(new Command.Disconnect("ann"), missed)))
                .isOne();

        assertThat(ann.hasEnded()).isTrue();
        assertThat(again.hasEnded()).isFalse();
    }

    @Test
    void anonymousGuestsHaveNoName() {
        assertThatIllegalArgumentException().isThrownBy(() -> administration.disconnect(""));
        assertThatIllegalArgumentException().isThrownBy(() -> administration.reauthorize(""));
    }

    @Test
    void oneConnectionIsDisconnected() {
        Client ann = connect(anns, WITH_REMOVED, "ann");
        Client again = connect(bens, WITH_REMOVED, "ann");

        assertThat(administration.disconnectClient(ann.id())).isCompletedWithValue(true);

        assertThat(ann.hasEnded()).isTrue();
        assertThat(again.hasEnded()).isFalse();
        assertThat(administration.disconnectClient(ann.id())).isCompletedWithValue(false);
    }

    @Test
    void connectionsOfOtherServersAreCounted() {
        connect(anns, WITH_REMOVED, "ann");
        List<Command> commands = new ArrayList<>();
        Administration ofAll = new Administration(hub, revocations, permissions, command -> {
            commands.add(command);
            return CompletableFuture.completedFuture(2);
        });

        assertThat(done(ofAll.disconnect("ann"))).isEqualTo(3);
        assertThat(ofAll.disconnectClient("of another server")).isCompletedWithValue(true);
        assertThat(commands)
                .containsExactly(new Command.Disconnect("ann"), new Command.DisconnectClient("of another server"));
        assertThatIllegalArgumentException().isThrownBy(() -> ofAll.disconnect(""));
        assertThat(commands).hasSize(2);
    }

    @Test
    void unreachableServersAreReportedAfterTheLocalPart() {
        Client ann = connect(anns, WITH_REMOVED, "ann");
        Administration ofAll = new Administration(
                hub,
                revocations,
                permissions,
                command -> CompletableFuture.failedFuture(new UnavailableException("the others are away")));

        CompletionStage<Integer> revoked = ofAll.revokeToken("t-ann");
        executor.runAll();

        assertThat(revoked)
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOf(UnavailableException.class)
                .withMessage("done here (connections: 1), but the others are away");
        assertThat(ann.hasEnded()).isTrue();
        assertThat(anns.closedWith()).isEqualTo(CloseCode.UNAUTHENTICATED);
    }

    @Test
    void revokedTokenEndsItsConnections() {
        Client ann = connect(anns, WITH_REMOVED, "ann");
        time.passNanos(1_000_000_000);
        Client renewed = connect(bens, WITH_REMOVED, "ann");

        assertThat(done(administration.revoke("ann", now()))).isOne();

        assertThat(ann.hasEnded()).isTrue();
        assertThat(anns.closedWith()).isEqualTo(CloseCode.UNAUTHENTICATED);
        assertThat(renewed.hasEnded()).isFalse();
        assertThat(done(administration.revokeToken("t-ann"))).isOne();
        assertThat(bens.closedWith()).isEqualTo(CloseCode.UNAUTHENTICATED);
    }

    @Test
    void tokensOfTheFutureCannotBeRevoked() {
        Instant late = now().plus(Duration.ofMinutes(11));

        assertThatIllegalArgumentException().isThrownBy(() -> administration.revoke("ann", late));
    }

    @Test
    void tokenRevokedDuringTheHandshakeDoesNotConnect() {
        done(administration.revokeToken("t-ann"));

        Client ann = connect(anns, WITH_REMOVED, "ann");

        assertThat(ann.hasEnded()).isTrue();
        assertThat(anns.closedWith()).isEqualTo(CloseCode.UNAUTHENTICATED);
    }

    @Test
    void tokenRevokedBeforeItsMessageIsReadEndsTheConnection() {
        Client stranger = hub.connect(anns, WITH_REMOVED, "", new Access(Identity.ANONYMOUS, permissions));
        Identity ann = new Identity(Way.TOKEN, "ann", Set.of(), Map.of("jti", "t-ann"), null);
        done(administration.revokeToken("t-ann"));

        stranger.authentication().replace(new Access(ann, permissions));

        assertThat(anns.closedWith()).isEqualTo(CloseCode.UNAUTHENTICATED);
    }

    @Test
    void lostRightToReadRemovesFromTheRoom() {
        Client ann = connect(anns, WITH_REMOVED, "ann");
        Client ben = connect(bens, WITH_REMOVED, "ben");
        join(ann, "garden");
        join(ben, "garden");
        executor.runAll();
        denied.add(Action.READ);

        assertThat(done(administration.reauthorize("ann"))).isOne();
        publish(ben, "garden", "1");
        executor.runAll();

        assertThat(anns.sent()).last().isEqualTo("removed garden");
        assertThat(ann.memberships().get("garden")).isNull();
        assertThat(ann.hasEnded()).isFalse();
        assertThat(bens.sent()).endsWith("-" + ann.id(), "1 1");
    }

    @Test
    void otherPresenceLetsTheClientJoinAgain() {
        Client ann = connect(anns, WITH_REMOVED, "ann");
        join(ann, "garden");
        executor.runAll();
        denied.add(Action.PRESENCE);

        done(administration.reauthorize("ann"));
        assertThat(anns.sent()).last().isEqualTo("removed garden for now");
        join(ann, "garden");
        done(administration.reauthorize("ann"));

        assertThat(ann.memberships().get("garden")).isNotNull();
        assertThat(hub.members("garden")).isEmpty();
    }

    @Test
    void writerWhoMayOnlyReadIsRefused() {
        Client ann = connect(anns, WITH_REMOVED, "ann");
        join(ann, "garden");
        denied.add(Action.WRITE);

        done(administration.reauthorizeAll());

        assertThatThrownBy(() -> publish(ann, "garden", "1")).isInstanceOf(ForbiddenException.class);
        assertThat(ann.hasEnded()).isFalse();
    }

    /** Another thread may take the rights anew in the middle of a join. */
    @Test
    void rightsThatChangeDuringAJoinAreWaitedFor() {
        SlowPermissions slow = new SlowPermissions();
        slow.answer("garden", EnumSet.allOf(Action.class));
        boolean[] hasChanged = {false};
        Permissions changing = new Permissions() {
            @Override
            public boolean allow(Identity identity, Action action, Resource resource) {
                return slow.allow(identity, action, resource);
            }

            @Override
            public Set<Action> granted(Identity identity, Resource resource) {
                Set<Action> granted = slow.granted(identity, resource);
                if (!hasChanged[0]) {
                    hasChanged[0] = true;
                    slow.makeUnknown("garden");
                    done(administration.reauthorize("ann"));
                }
                return granted;
            }

            @Override
            public @Nullable CompletionStage<?> prepare(Identity identity, Resource resource) {
                return slow.prepare(identity, resource);
            }
        };
        Client ann = hub.connect(anns, WITH_REMOVED, "", new Access(Identity.named("ann"), changing));

        join(ann, "garden");
        executor.runAll();
        assertThat(ann.memberships().get("garden")).isNotNull();
        slow.answer("garden", EnumSet.noneOf(Action.class));
        executor.runAll();

        assertThat(hasChanged[0]).isTrue();
        assertThat(anns.sent()).last().isEqualTo("removed garden");
    }

    @Test
    void recheckAsksAnApplicationAgain() {
        Client ann = connect(anns, WITH_REMOVED, "ann");
        join(ann, "garden");
        boolean[] hasForgotten = {false};
        Permissions answers = new Permissions() {
            @Override
            public boolean allow(Identity identity, Action action, Resource resource) {
                return true;
            }

            @Override
            public void forgetAll() {
                hasForgotten[0] = true;
                denied.add(Action.READ);
            }
        };

        done(new Administration(hub, revocations, revocations.restrict(answers)).recheckAll());

        assertThat(hasForgotten[0]).isTrue();
        assertThat(ann.memberships().get("garden")).isNull();
    }

    @Test
    void newRightIsThereWithoutAReconnect() {
        denied.add(Action.WRITE);
        Client ann = connect(anns, WITH_REMOVED, "ann");
        join(ann, "garden");
        denied.clear();

        done(administration.reauthorize("ann"));
        publish(ann, "garden", "1");
        executor.runAll();

        assertThat(anns.sent()).last().isEqualTo("1 1");
    }

    @Test
    void protocolWithoutTheFrameIsClosed() {
        Client ann = connect(anns, TestProtocol.PUBLICATIONS, "ann");
        Client ben = connect(bens, TestProtocol.PUBLICATIONS, "ben");
        join(ann, "garden");
        join(ben, "garden");
        denied.add(Action.READ);
        done(administration.reauthorize("ann"));
        denied.clear();
        denied.add(Action.PRESENCE);
        done(administration.reauthorize("ben"));

        assertThat(anns.closedWith()).isEqualTo(CloseCode.FORBIDDEN);
        assertThat(bens.closedWith()).isEqualTo(CloseCode.GOING_AWAY);
    }

    /** The permissions take away the right after the client has got it and before it is in the room. */
    @Test
    void rightLostDuringTheJoinIsLost() {
        Identity identity = new Identity(Way.TOKEN, "ann", Set.of(), Map.of(), null);
        boolean[] isAsked = {false};
        Permissions changing = new Permissions() {
            @Override
            public boolean allow(Identity who, Action action, Resource resource) {
                if (action == Action.ADMIN && !isAsked[0]) { // the last question of the join
                    isAsked[0] = true;
                    denied.add(Action.READ);
                    done(administration.reauthorize("ann"));
                }
                return !denied.contains(action);
            }
        };
        Client ann = hub.connect(anns, WITH_REMOVED, "", new Access(identity, changing));

        join(ann, "garden");
        executor.runAll();

        assertThat(isAsked[0]).isTrue();
        assertThat(ann.memberships().get("garden")).isNull();
        assertThat(anns.sent()).last().isEqualTo("removed garden");
    }

    @Test
    void attachmentDecidesAboutItsOwnIdentities() {
        Client stranger =
                hub.connect(anns, TestProtocol.PUBLICATIONS, "", new Access(Identity.visitor(Way.OPEN), permissions));
        int[] changes = {0};
        stranger.attach(new Attachment() {
            @Override
            public @Nullable CompletionStage<?> prepareRights() {
                return null;
            }

            @Override
            public void clientClosed() {}

            @Override
            public void rightsChanged() {
                changes[0]++;
            }

            @Override
            public boolean hasIdentity(Predicate<Identity> who) {
                return who.test(Identity.named("ann"));
            }

            @Override
            public void drained() {}
        });

        assertThat(done(administration.reauthorize("ben"))).isZero();
        assertThat(done(administration.reauthorize("ann"))).isOne();
        assertThat(changes[0]).isOne();
        assertThat(done(administration.disconnect("ann"))).isOne();
        assertThat(stranger.hasEnded()).isTrue();
    }

    @Test
    void sweepLetsRoomsRunInBetween() {
        Permissions slow = (identity, action, resource) -> {
            time.passNanos(20_000);
            return true;
        };
        for (int i = 0; i < 100; i++) {
            FakeTransport transport = new FakeTransport(FakeTransport.Mode.INSIDE, 100);
            join(hub.connect(transport, WITH_REMOVED, "", new Access(Identity.named("ann"), slow)), "room-" + i);
        }
        executor.runAll();

        CompletionStage<Integer> count = administration.reauthorizeAll();
        int runs = 0;
        while (executor.runOne()) {
            runs++;
        }

        assertThat(count.toCompletableFuture()).isCompletedWithValue(100);
        assertThat(runs).isBetween(2, 10);
    }
}
