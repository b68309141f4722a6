package dev.tutti.hub;

import static dev.tutti.hub.TestClients.join;
import static dev.tutti.hub.TestClients.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Resource;
import dev.tutti.settings.Settings;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UserSubscriptionsTest {
    /** As {@link TestProtocol#ALL_EVENTS}, and has frames for subscriptions by the server. */
    private static final Protocol SUBSCRIBABLE = new Protocol() {
        @Override
        public Frame encode(String room, RoomEvent event) {
            return TestProtocol.ALL_EVENTS.encode(room, event);
        }

        @Override
        public boolean receivesPresence() {
            return true;
        }

        @Override
        public Function<JoinResult, Frame> subscribed(String room) {
            return result ->
                    Frame.text("subscribed " + room + " " + result.position().offset());
        }

        @Override
        public Frame removed(String room, Removal removal) {
            return Frame.text(removal + " " + room);
        }
    };

    private final FakeExecutor executor = new FakeExecutor();
    private final Hub hub = new Hub(
            Settings.read(Limits.class, Map.of("max-rooms-per-client", "2")::get), "h", executor, 1, new FakeTime());
    private final UserSubscriptions subscriptions = new UserSubscriptions(hub);
    private final Set<Action> denied = EnumSet.noneOf(Action.class);
    private final Permissions permissions = (identity, action, resource) -> !denied.contains(action);
    private final FakeTransport anns = new FakeTransport(FakeTransport.Mode.INSIDE, 100);
    private final FakeTransport bens = new FakeTransport(FakeTransport.Mode.INSIDE, 100);

    private Client connect(FakeTransport transport, Protocol protocol, String user) {
        return hub.connect(transport, protocol, "", new Access(Identity.named(user), permissions));
    }

    /** Runs all that waits, and returns the result. */
    private int done(CompletionStage<Integer> count) {
        executor.runAll();
        return count.toCompletableFuture().join();
    }

    @Test
    void connectionsOfTheUserAreSubscribedAndUnsubscribed() {
        Client ann = connect(anns, SUBSCRIBABLE, "ann");
        Client ben = connect(bens, SUBSCRIBABLE, "ben");
        join(ben, "garden");
        publish(ben, "garden", "1");

        assertThat(done(subscriptions.subscribe("ann", "garden"))).isOne();
        assertThat(done(subscriptions.subscribe("ann", "garden"))).as("again").isZero();
        publish(ben, "garden", "2");
        executor.runAll();
        assertThat(anns.sent()).containsExactly("subscribed garden 1", "2 2");
        assertThat(bens.sent()).contains("+" + ann.id());

        assertThat(done(subscriptions.unsubscribe("ann", "garden"))).isOne();
        assertThat(done(subscriptions.unsubscribe("ann", "garden"))).as("again").isZero();
        publish(ben, "garden", "3");
        executor.runAll();
        assertThat(anns.sent()).last().isEqualTo("UNSUBSCRIBED garden");
        assertThat(ann.memberships().isEmpty()).isTrue();
    }

    @Test
    void ownSubscriptionIsEndedToo() {
        Client ann = connect(anns, SUBSCRIBABLE, "ann");
        join(ann, "garden");

        assertThat(done(subscriptions.unsubscribe("ann", "garden"))).isOne();

        assertThat(ann.memberships().get("garden")).isNull();
    }

    @Test
    void protocolWithoutTheFramesStaysOut() {
        Client ann = connect(anns, TestProtocol.ALL_EVENTS, "ann");

        assertThat(done(subscriptions.subscribe("ann", "garden"))).isZero();
        join(ann, "garden");
        assertThat(done(subscriptions.unsubscribe("ann", "garden"))).isZero();
        assertThat(ann.memberships().get("garden")).isNotNull();
    }

    @Test
    void userWithoutTheRightToReadStaysOut() {
        denied.add(Action.READ);
        connect(anns, SUBSCRIBABLE, "ann");

        assertThat(done(subscriptions.subscribe("ann", "garden"))).isZero();

        assertThat(anns.sent()).isEmpty();
        assertThat(anns.closedWith()).isNull();
    }

    @Test
    void clientInTooManyRoomsStaysOut() {
        Client ann = connect(anns, SUBSCRIBABLE, "ann");
        join(ann, "a");
        join(ann, "b");

        assertThat(done(subscriptions.subscribe("ann", "garden"))).isZero();

        assertThat(ann.memberships().count()).isEqualTo(2);
    }

    @Test
    void rightsThatAreNotKnownAreFoundOutFirst() {
        CompletableFuture<Void> known = new CompletableFuture<>();
        Permissions slow = new Permissions() {
            @Override
            public boolean allow(Identity identity, Action action, Resource resource) {
                return true;
            }

            @Override
            public @Nullable CompletionStage<?> prepare(Identity identity, Resource resource) {
                return known.isDone() ? null : known;
            }
        };
        Client ann = hub.connect(anns, SUBSCRIBABLE, "", new Access(Identity.named("ann"), slow));

        CompletionStage<Integer> count = subscriptions.subscribe("ann", "garden");
        executor.runAll();
        assertThat(count.toCompletableFuture()).isNotDone();
        assertThat(ann.memberships().isEmpty()).isTrue();

        known.complete(null);
        assertThat(done(count)).isOne();
        assertThat(anns.sent()).containsExactly("subscribed garden 0");
    }

    @Test
    void joinAfterASubscriptionIsAnsweredOnce() {
        Client ann = connect(anns, SUBSCRIBABLE, "ann");
        done(subscriptions.subscribe("ann", "garden"));
        publish(ann, "garden", "1");
        executor.runAll();
        Position start = new Position(hub.directory().position("garden").epoch(), 0);
        Function<JoinResult, Frame> reply = result ->
                Frame.text("joined " + result.recovered() + result.messages().size());

        assertThat(ann.memberships().join("garden", start, "7", reply)).isTrue();
        assertThat(ann.memberships().join("garden", start, "7", reply)).isFalse();
        publish(ann, "garden", "2");
        executor.runAll();

        assertThat(anns.sent()).containsExactly("subscribed garden 0", "1 1", ann.id() + "=7", "joined true1", "2 2");
        assertThat(hub.members("garden")).extracting(Member::state).isEqualTo(List.of("7"));
    }

    @Test
    void anonymousGuestsHaveNoName() {
        assertThatIllegalArgumentException().isThrownBy(() -> subscriptions.subscribe("", "garden"));
        assertThatIllegalArgumentException().isThrownBy(() -> subscriptions.unsubscribe("", "garden"));
    }
}
