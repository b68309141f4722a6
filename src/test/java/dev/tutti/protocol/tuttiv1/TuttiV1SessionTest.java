package dev.tutti.protocol.tuttiv1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.CloseCode;
import dev.tutti.protocol.FakePeer;
import dev.tutti.protocol.FakeTokens;
import dev.tutti.protocol.SizeLimit;
import dev.tutti.protocol.SlowPermissions;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.protocol.plain.PlainSession;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Authenticator;
import dev.tutti.security.Identity;
import dev.tutti.security.Way;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each request, its answer and its errors, between a fake peer and a real hub. */
class TuttiV1SessionTest {
    private static final SizeLimit SIZE_LIMIT = new SizeLimit(1_000);

    private final FakePeer.World world = new FakePeer.World(Map.of(
            "max-message-burst",
            "50",
            "max-messages-per-second",
            "1",
            "max-rooms-per-client",
            "2",
            "max-state-bytes",
            "20"));
    private final FakePeer ann = world.connect(TuttiV1.PROTOCOL, "Ann");
    private final TuttiV1Session session = open(ann);
    private final SlowPermissions slow = new SlowPermissions();

    private TuttiV1Session open(FakePeer peer) {
        return new TuttiV1Session(peer.client(), world.limits(), FakeTokens.NONE);
    }

    private FakePeer without(Action denied) {
        return world.connect(
                TuttiV1.PROTOCOL, new Access(Identity.named("Ben"), (identity, action, resource) -> action != denied));
    }

    /** Sends a request, in which apostrophes stand for quotes, and returns the frames that follow. */
    private List<String> ask(String request) {
        return ask(session, ann, request);
    }

    private static List<String> ask(TuttiV1Session session, FakePeer peer, String request) {
        peer.take();
        session.receive(new Requests(json(request), SIZE_LIMIT));
        return peer.take();
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    @Test
    void welcomeIsFirst() {
        assertThat(ann.take())
                .singleElement()
                .asString()
                .startsWith(json("{'type':'welcome','client':'h-1','user':'Ann'"));
    }

    @Test
    void joinIsAnsweredWithMembers() {
        assertThat(ask("{'type':'join','id':1,'room':'garden','state':7}"))
                .containsExactly(json("{'type':'joined','id':1,'room':'garden','position':{'epoch':'h-1','offset':0},"
                        + "'earliest':1,'recovered':false,'messages':[],"
                        + "'count':1,'members':[{'client':'h-1','user':'Ann','state':7}]}"));
    }

    @Test
    void joinTwiceIsABadRequest() {
        ask("{'type':'join','id':1,'room':'garden'}");

        assertThat(ask("{'type':'join','id':2,'room':'garden'}"))
                .containsExactly(json("{'type':'error','id':2,'code':'bad_request',"
                        + "'message':'this client is in this room already','room':'garden'}"));
    }

    @Test
    void joinAfterAPositionRecoversMessages() {
        world.hub().publish("garden", "\"a\"", null);
        world.hub().publish("garden", "\"b\"", null);

        assertThat(ask("{'type':'join','id':1,'room':'garden','since':{'epoch':'h-1','offset':1}}"))
                .singleElement()
                .asString()
                .contains(json("'recovered':true,'messages':[{'type':'message','room':'garden','offset':2"))
                .contains(json("'data':'b'"));
    }

    @Test
    void joinOverALimitIsLimitExceeded() {
        ask("{'type':'join','id':1,'room':'a'}");
        ask("{'type':'join','id':2,'room':'b'}");

        assertThat(ask("{'type':'join','id':3,'room':'c'}"))
                .singleElement()
                .asString()
                .startsWith(json("{'type':'error','id':3,'code':'limit_exceeded'"));
        assertThat(ann.closeCode()).isNull();
    }

    @Test
    void publishIsAnsweredWithItsPosition() {
        ask("{'type':'join','id':1,'room':'garden'}");

        assertThat(ask("{'type':'publish','id':2,'room':'garden','data':{'x':1}}"))
                .hasSize(2)
                .contains(json("{'type':'ok','id':2,'position':{'epoch':'h-1','offset':1}}"))
                .anySatisfy(
                        frame -> assertThat(frame).contains(json("'offset':1")).contains(json("'data':{'x':1}")));
    }

    @Test
    void publishWithoutIdIsNotAnswered() {
        ask("{'type':'join','id':1,'room':'garden'}");

        assertThat(ask("{'type':'publish','room':'garden','data':1}"))
                .singleElement()
                .asString()
                .startsWith(json("{'type':'message'"));
    }

    @Test
    void publishWithTheSameKeyIsPublishedOnce() {
        ask("{'type':'join','id':1,'room':'garden'}");
        ask("{'type':'publish','id':2,'room':'garden','data':1,'key':'k'}");

        assertThat(ask("{'type':'publish','id':3,'room':'garden','data':1,'key':'k'}"))
                .containsExactly(json("{'type':'ok','id':3,'position':{'epoch':'h-1','offset':1}}"));
    }

    @Test
    void stateReachesEveryMember() {
        FakePeer ben = world.connect(TuttiV1.PROTOCOL, "Ben");
        TuttiV1Session other = open(ben);
        ask("{'type':'join','id':1,'room':'garden'}");
        ask(other, ben, "{'type':'join','id':1,'room':'garden'}");
        ben.take();

        assertThat(ask("{'type':'state','id':2,'room':'garden','state':true}")).contains(json("{'type':'ok','id':2}"));
        assertThat(ben.take())
                .containsExactly(json("{'type':'presence','room':'garden','client':'h-1','user':'Ann','state':true}"));
    }

    @Test
    void tooLongStateIsTooLarge() {
        ask("{'type':'join','id':1,'room':'garden'}");

        assertThat(ask("{'type':'state','id':2,'room':'garden','state':'" + "x".repeat(20) + "'}"))
                .singleElement()
                .asString()
                .startsWith(json("{'type':'error','id':2,'code':'too_large'"));
    }

    @Test
    void leaveIsTheLastOfARoom() {
        ask("{'type':'join','id':1,'room':'garden'}");

        assertThat(ask("{'type':'leave','id':2,'room':'garden'}")).containsExactly(json("{'type':'ok','id':2}"));
        world.hub().publish("garden", "1", null);
        assertThat(ann.take()).isEmpty();
    }

    @Test
    void membersAreListed() {
        ask("{'type':'join','id':1,'room':'garden'}");

        assertThat(ask("{'type':'members','id':2,'room':'garden'}"))
                .containsExactly(json("{'type':'members','id':2,'room':'garden','count':1,"
                        + "'members':[{'client':'h-1','user':'Ann'}]}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'limit':2                                  | 2,3 | true",
                "'since':{'epoch':'h-1','offset':0},'limit':2 | 1,2 | true",
                "'since':{'epoch':'h-1','offset':1}          | 2,3 | false",
                "'before':{'epoch':'h-1','offset':3}         | 1,2 | false",
            })
    void historyIsReadInEitherDirection(String fields, String offsets, boolean more) {
        ask("{'type':'join','id':1,'room':'garden'}");
        for (int i = 0; i < 3; i++) {
            world.hub().publish("garden", "1", null);
        }

        String answer =
                ask("{'type':'history','id':2,'room':'garden'," + fields + "}").get(0);

        for (String offset : offsets.split(",", -1)) {
            assertThat(answer).contains(json("'room':'garden','offset':" + offset + ",'time'"));
        }
        assertThat(answer).endsWith(json("'more':" + more + "}")).contains(json("'recovered':true"));
    }

    @Test
    void pingIsAnswered() {
        assertThat(ask("{'type':'ping','id':'p'}")).containsExactly(json("{'type':'ok','id':'p'}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'publish','id':1,'room':'garden','data':1}",
                "{'type':'state','id':1,'room':'garden','state':1}",
                "{'type':'leave','id':1,'room':'garden'}",
                "{'type':'members','id':1,'room':'garden'}",
                "{'type':'history','id':1,'room':'garden'}",
            })
    void requestsNeedMembership(String request) {
        assertThat(ask(request))
                .containsExactly(json("{'type':'error','id':1,'code':'not_joined',"
                        + "'message':'this client is not in this room','room':'garden'}"));
    }

    @Test
    void joinWithoutPermissionIsForbidden() {
        FakePeer stranger = without(Action.READ);

        assertThat(ask(open(stranger), stranger, "{'type':'join','id':1,'room':'garden'}"))
                .containsExactly(json("{'type':'error','id':1,'code':'forbidden',"
                        + "'message':'this user may not join this room','room':'garden'}"));
        assertThat(world.hub().roomCount()).isZero();
    }

    @Test
    void publishWithoutPermissionIsForbidden() {
        FakePeer peer = without(Action.WRITE);
        TuttiV1Session reader = open(peer);
        ask(reader, peer, "{'type':'join','id':1,'room':'garden'}");

        assertThat(ask(reader, peer, "{'type':'publish','id':2,'room':'garden','data':1}"))
                .containsExactly(json("{'type':'error','id':2,'code':'forbidden',"
                        + "'message':'this user may not publish in this room','room':'garden'}"));
        assertThat(peer.closeCode()).isNull();
    }

    @Test
    void clientWithoutPresenceIsUnseenAndSeesNobody() {
        ask("{'type':'join','id':1,'room':'garden'}");
        FakePeer peer = without(Action.PRESENCE);
        TuttiV1Session unseen = open(peer);

        assertThat(ask(unseen, peer, "{'type':'join','id':1,'room':'garden','state':1}"))
                .singleElement()
                .asString()
                .contains("forbidden");
        assertThat(ask(unseen, peer, "{'type':'join','id':2,'room':'garden'}"))
                .singleElement()
                .asString()
                .contains(json("'count':0,'members':[]"));
        assertThat(ask(unseen, peer, "{'type':'members','id':3,'room':'garden'}"))
                .singleElement()
                .asString()
                .contains(json("'message':'this user may not see or show presence in this room'"));
        assertThat(ask("{'type':'state','id':2,'room':'garden','state':2}")).hasSize(2);
        assertThat(ask("{'type':'publish','id':3,'room':'garden','data':1}")).hasSize(2);
        assertThat(peer.take()).singleElement().asString().contains(json("'type':'message'"));
        assertThat(ask(unseen, peer, "{'type':'leave','id':4,'room':'garden'}")).hasSize(1);
        assertThat(ann.take()).isEmpty();
    }

    @Test
    void tooManyRequestsAreRateLimited() {
        for (int i = 0; i < 50; i++) {
            ask("{'type':'ping','id':1}");
        }

        assertThat(ask("{'type':'ping','id':2}"))
                .singleElement()
                .asString()
                .startsWith(json("{'type':'error','id':2,'code':'rate_limited'"));
    }

    @Test
    void tooLargeFrameClosesTheConnection() {
        ask("{'type':'ping','id':'" + "x".repeat(1_000) + "'}");

        assertThat(ann.closeCode()).isEqualTo(CloseCode.TOO_LARGE);
        assertThat(ann.closeReason()).isEqualTo("a message has at most 1000 bytes");
    }

    @Test
    void tenBadFramesInARowCloseTheConnection() {
        for (int i = 0; i < 9; i++) {
            assertThat(ask("no JSON")).singleElement().asString().contains("bad_request");
        }
        assertThat(ann.closeCode()).isNull();

        ask("no JSON");

        assertThat(ann.closeCode()).isEqualTo(CloseCode.POLICY);
    }

    @Test
    void requestsOfAFrameAreAnsweredInOneFrame() {
        assertThat(ask("{'type':'ping','id':1}\n{'type':'ping','id':2}"))
                .containsExactly(json("{'type':'ok','id':1}\n{'type':'ok','id':2}"));
    }

    @Test
    void publicationsOfAFrameAreDeliveredInOneFrame() {
        ask("{'type':'join','id':1,'room':'garden'}");
        FakePeer plain = world.connect(PlainProtocol.INSTANCE, "Ben");
        PlainSession.joinRoom(plain.client(), "garden");
        ann.take();

        List<String> frames =
                ask("{'type':'publish','room':'garden','data':'a'}\n{'type':'publish','room':'garden','data':'b'}");

        assertThat(frames).singleElement().asString().matches(".*\"data\":\"a\"}\n.*\"data\":\"b\"}");
        assertThat(plain.take()).containsExactly("\"a\"", "\"b\"");
    }

    @Test
    void sharedFramesHoldUpTo64KiB() {
        ask("{'type':'join','id':1,'room':'garden'}");
        for (int i = 0; i < 3; i++) {
            world.hub().publish("garden", '"' + "x".repeat(30 * 1024) + '"', null);
        }
        world.hub().publish("garden", '"' + "x".repeat(70 * 1024) + '"', null);
        world.hub().publish("garden", "1", null);

        assertThat(ann.take()).extracting(frame -> frame.split("\n", -1).length).containsExactly(2, 1, 1, 1);
    }

    @Test
    void faultyRequestLeavesTheOthersOfItsFrame() {
        assertThat(
                        ask(
                                "{'type':'ping','id':1}\n{'type':\n\n{'type':'publish','id':2,'room':'a','data':1}\n{'type':'ping','id':3}"))
                .singleElement()
                .satisfies(frame -> assertThat(frame.lines())
                        .extracting(line -> line.replaceAll("\"message\".*", ""))
                        .containsExactly(
                                json("{'type':'ok','id':1}"),
                                json("{'type':'error','code':'bad_request',"),
                                json("{'type':'error','code':'bad_request',"),
                                json("{'type':'error','id':2,'code':'not_joined',"),
                                json("{'type':'ok','id':3}")));
    }

    @Test
    void eachRequestOfAFrameCountsForTheRate() {
        ask("{'type':'ping','id':1}\n".repeat(39) + "{'type':'ping','id':1}");

        assertThat(ask("{'type':'ping','id':2}\n".repeat(11) + "{'type':'ping','id':2}"))
                .singleElement()
                .satisfies(answers -> assertThat(answers.lines())
                        .filteredOn(line -> line.contains("rate_limited"))
                        .hasSize(2));
    }

    @Test
    void tenBadRequestsInAFrameCloseAndTheRestIsIgnored() {
        ask("{'type':'join','id':1,'room':'garden'}");

        assertThat(ask("\n".repeat(9) + "bad\n{'type':'publish','room':'garden','data':1}"))
                .singleElement()
                .satisfies(answers -> assertThat(answers.lines())
                        .hasSize(10)
                        .allSatisfy(line -> assertThat(line).contains("bad_request")));
        assertThat(ann.closeCode()).isEqualTo(CloseCode.POLICY);
        assertThat(ask("{'type':'ping','id':2}")).isEmpty();
    }

    @Test
    void leaveIsTheLastOfARoomAlsoInOneFrame() {
        ask("{'type':'join','id':1,'room':'garden'}");

        List<String> frames = ask("{'type':'publish','id':2,'room':'garden','data':1}\n"
                + "{'type':'leave','id':3,'room':'garden'}\n{'type':'join','id':4,'room':'hall'}");

        String lines = String.join("\n", frames);
        assertThat(lines.lines()).hasSize(4).element(2).isEqualTo(json("{'type':'ok','id':3}"));
    }

    @Test
    void goodRequestResetsTheCountOfBadFrames() {
        for (int i = 0; i < 20; i++) {
            ask(i % 9 == 8 ? "{'type':'ping','id':1}" : "no JSON");
        }

        assertThat(ann.closeCode()).isNull();
    }

    /** A peer that nothing has identified, on a server where the role {@code mute} may not publish and {@code out} may do nothing. */
    private final class Stranger {
        private final FakePeer peer = world.connect(TuttiV1.PROTOCOL, TOKENS.of(Identity.ANONYMOUS));
        private final TuttiV1Session strangers = new TuttiV1Session(peer.client(), world.limits(), TOKENS);

        private List<String> ask(String request) {
            return TuttiV1SessionTest.ask(strangers, peer, request);
        }

        private List<String> authenticate(String token) {
            return ask("{'type':'authenticate','id':1,'token':'" + token + "'}");
        }
    }

    private static final Authenticator TOKENS =
            FakeTokens.with((identity, action, resource) -> !identity.isUnidentified()
                    && !identity.roles().contains("out")
                    && !(identity.roles().contains("mute") && action == Action.WRITE)
                    && !(identity.roles().contains("blind") && action == Action.PRESENCE));

    @Test
    void strangerMayPingAndNothingElse() {
        Stranger stranger = new Stranger();
        for (String request : List.of(
                "{'type':'join','id':1,'room':'garden'}",
                "{'type':'publish','id':1,'room':'garden','data':1}",
                "{'type':'members','id':1,'room':'garden'}")) {
            assertThat(stranger.ask(request))
                    .containsExactly(json("{'type':'error','id':1,'code':'unauthenticated',"
                            + "'message':'a token is needed: authenticate first','room':'garden'}"));
        }
        assertThat(stranger.ask("{'type':'ping','id':2}")).containsExactly(json("{'type':'ok','id':2}"));
        assertThat(world.hub().roomCount()).isZero();
    }

    @Test
    void tokenGivesTheConnectionItsUser() {
        Stranger stranger = new Stranger();

        assertThat(stranger.authenticate("Ben"))
                .containsExactly(
                        json("{'type':'ok','id':1,'user':'Ben','expires':" + FakeTokens.END.toEpochMilli() + "}"));
        assertThat(stranger.ask("{'type':'join','id':2,'room':'garden','state':1}"))
                .singleElement()
                .asString()
                .contains(json("'user':'Ben','state':1"));
    }

    @Test
    void tokenCountsForTheRestOfItsFrame() {
        Stranger stranger = new Stranger();

        assertThat(stranger.ask("{'type':'authenticate','id':1,'token':'Ben'}\n{'type':'join','id':2,'room':'garden'}"))
                .hasSize(2)
                .last()
                .asString()
                .startsWith(json("{'type':'joined','id':2"));
    }

    @Test
    void badTokenChangesNothing() {
        Stranger stranger = new Stranger();

        assertThat(stranger.authenticate("bad"))
                .containsExactly(
                        json("{'type':'error','id':1,'code':'unauthenticated','message':'this token is bad'}"));
        assertThat(stranger.authenticate("early"))
                .containsExactly(
                        json("{'type':'error','id':1,'code':'unavailable','message':'there are no keys yet'}"));
        assertThat(stranger.authenticate("Ben")).singleElement().asString().startsWith(json("{'type':'ok'"));
        assertThat(stranger.authenticate("bad")).singleElement().asString().contains("unauthenticated");
        assertThat(stranger.ask("{'type':'join','id':2,'room':'garden'}"))
                .singleElement()
                .asString()
                .startsWith(json("{'type':'joined'"));
    }

    @Test
    void connectionHasOneUser() {
        Stranger stranger = new Stranger();
        stranger.authenticate("Ben");

        assertThat(stranger.authenticate("Eve")).singleElement().asString().contains("bad_request");
        assertThat(stranger.peer.client().user()).isEqualTo("Ben");
    }

    @Test
    void guestIsNamedByItsSecret() {
        FakePeer peer = world.connect(TuttiV1.PROTOCOL, TOKENS.of(Identity.visitor(Way.OPEN)));
        TuttiV1Session guest = new TuttiV1Session(peer.client(), world.limits(), TOKENS);
        String name = Identity.visitor(Way.OPEN)
                .withGuestSecret("a-secret-of-a-guest")
                .user();

        assertThat(ask(guest, peer, "{'type':'authenticate','id':1,'guest':'a-secret-of-a-guest'}"))
                .containsExactly(json("{'type':'ok','id':1,'user':'" + name + "'}"));
        assertThat(ask(guest, peer, "{'type':'join','id':2,'room':'garden','state':1}"))
                .singleElement()
                .asString()
                .contains(json("'user':'" + name + "','state':1"));
        assertThat(ask(guest, peer, "{'type':'authenticate','id':3,'guest':'another-secret-of-a-guest'}"))
                .singleElement()
                .asString()
                .contains("bad_request");
    }

    @Test
    void secretGivesNoRightsAndReplacesNoUser() {
        Stranger stranger = new Stranger();
        String secret = "{'type':'authenticate','id':1,'guest':'a-secret-of-a-guest'}";

        assertThat(stranger.ask(secret)).singleElement().asString().startsWith(json("{'type':'ok'"));
        assertThat(stranger.ask("{'type':'join','id':2,'room':'garden'}"))
                .singleElement()
                .asString()
                .contains("unauthenticated");
        stranger.authenticate("Ben");
        assertThat(stranger.ask(secret)).singleElement().asString().contains(json("'user':'Ben'"));
        assertThat(stranger.ask("{'type':'authenticate','id':1,'guest':'short'}"))
                .singleElement()
                .asString()
                .contains(json("'user':'Ben'"));
    }

    @Test
    void guestInARoomKeepsItsName() {
        FakePeer guest = world.connect(TuttiV1.PROTOCOL, TOKENS.of(Identity.named("")));
        TuttiV1Session guests = new TuttiV1Session(guest.client(), world.limits(), TOKENS);
        ask(guests, guest, "{'type':'join','id':1,'room':'garden'}");

        assertThat(ask(guests, guest, "{'type':'authenticate','id':2,'token':'Ben'}"))
                .singleElement()
                .asString()
                .contains("bad_request");
        assertThat(guest.client().user()).isEqualTo(guest.client().id());
    }

    @Test
    void laterTokenChangesRightsInARoom() {
        Stranger stranger = new Stranger();
        stranger.authenticate("Ben");
        stranger.ask("{'type':'join','id':1,'room':'garden'}");

        stranger.authenticate("Ben,mute");

        assertThat(stranger.ask("{'type':'publish','id':2,'room':'garden','data':1}"))
                .singleElement()
                .asString()
                .contains("forbidden");
        stranger.authenticate("Ben");
        assertThat(stranger.ask("{'type':'publish','id':3,'room':'garden','data':1}"))
                .anyMatch(frame -> frame.contains(json("'type':'ok','id':3")));
    }

    @ParameterizedTest
    @CsvSource({"'Ben,out', forbidden", "'Ben,blind', rejoin"})
    void laterTokenWithoutTheRoomsRightsLeavesIt(String token, String code) {
        Stranger stranger = new Stranger();
        stranger.authenticate("Ben");
        stranger.ask("{'type':'join','id':1,'room':'garden'}");

        assertThat(stranger.authenticate(token))
                .anyMatch(frame -> frame.startsWith(json("{'type':'removed','room':'garden','code':'" + code + "'")));
        assertThat(stranger.ask("{'type':'publish','id':2,'room':'garden','data':1}"))
                .singleElement()
                .asString()
                .contains("not_joined");
    }

    @Test
    void serverWithoutTokensRefusesThem() {
        assertThat(ask("{'type':'authenticate','id':1,'token':'Ben'}"))
                .singleElement()
                .asString()
                .contains("unauthenticated", "accepts no tokens");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type':'authenticate','id':1}", "{'type':'authenticate','token':'Ben'}"})
    void authenticateNeedsIdAndToken(String request) {
        assertThat(new Stranger().ask(request)).singleElement().asString().contains("bad_request");
    }

    @Test
    void expiringHoldsTheSecondsThatAreLeft() {
        assertThat(TuttiV1.PROTOCOL.expiring(25_000).text()).isEqualTo(json("{'type':'expiring','seconds':25}"));
        assertThat(TuttiV1.PROTOCOL.expiring(24_999).text()).isEqualTo(json("{'type':'expiring','seconds':24}"));
    }

    private FakePeer slowPeer() {
        FakePeer eve = world.connect(TuttiV1.PROTOCOL, new Access(Identity.named("Eve"), slow));
        eve.take();
        return eve;
    }

    private static List<String> types(List<String> frames) {
        return frames.stream()
                .flatMap(String::lines)
                .map(line -> line.replaceAll("\\{\"type\":\"(\\w+)\"(?:,\"id\":(\\d+))?.*", "$1 $2")
                        .strip())
                .toList();
    }

    @Test
    void requestsAfterAnUnknownRightWaitInOrder() {
        FakePeer eve = slowPeer();
        TuttiV1Session waiting = open(eve);
        eve.take();
        assertThat(types(ask(
                        waiting,
                        eve,
                        "{'type':'ping','id':1}\n{'type':'join','id':2,'room':'garden'}\n{'type':'ping','id':3}\n"
                                + "{'type':'join','id':4,'room':'street'}\n{'type':'ping','id':5}")))
                .containsExactly("ok 1");
        assertThat(ask(waiting, eve, "{'type':'publish','id':6,'room':'street','data':1}"))
                .isEmpty();
        slow.answer("garden", EnumSet.allOf(Action.class));
        assertThat(types(eve.take())).containsExactlyInAnyOrder("joined 2", "ok 3");
        assertThat(slow.questions()).containsExactly("garden", "street"); // one at a time
        slow.answer("street", EnumSet.of(Action.READ));

        assertThat(types(eve.take())).containsExactlyInAnyOrder("joined 4", "ok 5", "error 6");
        assertThat(types(ask(waiting, eve, "{'type':'ping','id':7}"))).containsExactly("ok 7");
    }

    @Test
    void unknownRightsAreUnavailable() {
        FakePeer eve = slowPeer();
        TuttiV1Session waiting = open(eve);
        eve.take();
        waiting.receive(
                new Requests(json("{'type':'join','id':1,'room':'garden'}\n{'type':'ping','id':2}"), SIZE_LIMIT));
        slow.fail("garden");

        assertThat(eve.take())
                .singleElement()
                .asString()
                .contains(json("'code':'unavailable','message':'nobody knows','room':'garden'"))
                .endsWith(json("{'type':'ok','id':2}"));
        assertThat(world.hub().roomCount()).isZero();
    }

    @Test
    void waitingRequestsHaveTheRateOfTheirArrival() {
        FakePeer eve = slowPeer();
        TuttiV1Session waiting = open(eve);
        eve.take();
        waiting.receive(new Requests(json("{'type':'join','id':1,'room':'garden'}"), SIZE_LIMIT));
        for (int i = 0; i < 51; i++) {
            waiting.receive(new Requests(json("{'type':'ping','id':2}"), SIZE_LIMIT));
        }
        slow.answer("garden", EnumSet.allOf(Action.class));
        List<String> types = types(eve.take());

        assertThat(types.stream().filter("ok 2"::equals)).hasSize(49);
        assertThat(types.stream().filter("error 2"::equals)).hasSize(2);
    }

    @Test
    void newTokenWaitsForItsRightsInAllRooms() {
        FakePeer eve = world.connect(TuttiV1.PROTOCOL, FakeTokens.with(slow).of(Identity.ANONYMOUS));
        TuttiV1Session waiting = new TuttiV1Session(eve.client(), world.limits(), FakeTokens.with(slow));
        eve.take();
        slow.answer("garden", EnumSet.allOf(Action.class));
        assertThat(types(ask(
                        waiting,
                        eve,
                        "{'type':'authenticate','id':1,'token':'ann'}\n{'type':'join','id':2,'room':'garden'}")))
                .containsExactlyInAnyOrder("ok 1", "joined 2");
        slow.makeUnknown("garden");
        assertThat(ask(waiting, eve, "{'type':'authenticate','id':3,'token':'ann'}\n{'type':'ping','id':4}"))
                .isEmpty();
        slow.answer("garden", EnumSet.of(Action.READ, Action.PRESENCE));
        assertThat(types(eve.take())).containsExactly("ok 3", "ok 4");

        assertThat(ask(waiting, eve, "{'type':'publish','id':5,'room':'garden','data':1}"))
                .singleElement()
                .asString()
                .contains("forbidden");
    }
}
