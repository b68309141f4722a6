package dev.tutti.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.history.SimulatedStore.Outcome;
import dev.tutti.hub.CloseCode;
import dev.tutti.protocol.FakePeer;
import dev.tutti.protocol.FakeTokens;
import dev.tutti.protocol.SizeLimit;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.protocol.plain.PlainSession;
import dev.tutti.protocol.tuttiv1.Requests;
import dev.tutti.protocol.tuttiv1.TuttiV1;
import dev.tutti.protocol.tuttiv1.TuttiV1Session;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Clients of rooms whose histories are stored, by a store whose calls end when the test says so. */
class DurableSessionTest {
    private final TestTime time = new TestTime();
    private final SimulatedStore store = new SimulatedStore(time);
    private final FakePeer.World world = new FakePeer.World(Map.of(), time, new DurableHistory(store, 0, 0));
    private final FakePeer ann = world.connect(TuttiV1.PROTOCOL, "Ann");
    private final TuttiV1Session session = new TuttiV1Session(ann.client(), world.limits(), FakeTokens.NONE);

    private List<String> ask(String request) {
        ann.take();
        session.receive(new Requests(request.replace('\'', '"'), new SizeLimit(1_000)));
        return ann.take();
    }

    private List<String> store(Outcome outcome) {
        assertThat(store.end(outcome)).isTrue();
        return ann.take();
    }

    @Test
    void requestsWaitUntilTheRoomIsRead() {
        assertThat(ask("{'type':'join','id':1,'room':'a'}")).isEmpty();
        assertThat(ask("{'type':'publish','id':2,'room':'a','data':1}")).isEmpty();

        assertThat(store(Outcome.DONE))
                .hasSize(2)
                .satisfies(frames -> assertThat(frames.get(0)).contains("\"joined\"", "\"id\":1"))
                .satisfies(frames -> assertThat(frames.get(1)).contains("\"message\"", "\"offset\":1"));
        assertThat(store(Outcome.DONE)).singleElement().asString().contains("\"ok\"", "\"id\":2", "\"offset\":1");
    }

    @Test
    void publicationThatIsNotStoredIsUnavailableAndIsSentAgain() {
        ask("{'type':'join','id':1,'room':'a'}");
        store(Outcome.DONE);
        assertThat(ask("{'type':'publish','id':2,'room':'a','data':1,'key':'k'}"))
                .singleElement()
                .asString()
                .contains("\"message\"");
        assertThat(store(Outcome.FAILED))
                .singleElement()
                .asString()
                .contains("\"error\"", "\"id\":2", "\"unavailable\"", "on purpose");

        time.nanos += 1_000_000_000L;
        assertThat(ask("{'type':'publish','id':3,'room':'a','data':1,'key':'k'}"))
                .as("delivered already")
                .isEmpty();
        assertThat(store(Outcome.DONE)).singleElement().asString().contains("\"ok\"", "\"id\":3", "\"offset\":1");
    }

    @Test
    void roomThatCannotBeReadIsUnavailable() {
        ask("{'type':'join','id':1,'room':'a'}");
        assertThat(store(Outcome.FAILED)).singleElement().asString().contains("\"error\"", "\"unavailable\"");

        FakePeer plain = world.connect(PlainProtocol.OF_ROOM, "");
        PlainSession.joinRoom(plain.client(), "a");
        assertThat(plain.closeCode()).isEqualTo(CloseCode.TRY_LATER);
    }
}
