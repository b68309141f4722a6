package dev.tutti.protocol.tuttiv1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.CloseCode;
import dev.tutti.protocol.FakePeer;
import dev.tutti.protocol.FakeTokens;
import dev.tutti.protocol.SizeLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Requests and messages mean the same, however they are split into frames and runs. */
class TuttiV1FramesTest {
    private static final int CLIENTS = 3;
    private static final int MAX_FRAME_BYTES = 64 * 1024;

    /** Requests of one client, with a number for the id and a quarter of them faulty. */
    private static final List<String> REQUESTS = List.of(
            "{\"type\":\"ping\",\"id\":%d}",
            "{\"type\":\"join\",\"id\":%d,\"room\":\"garden\"}",
            "{\"type\":\"publish\",\"id\":%d,\"room\":\"garden\",\"data\":%1$d}",
            "{\"type\":\"publish\",\"id\":%d,\"room\":\"garden\",\"data\":0,\"key\":\"k\"}",
            "{\"type\":\"publish\",\"room\":\"garden\",\"data\":\"%d\\n\"}\r",
            "{\"type\":\"state\",\"id\":%d,\"room\":\"garden\",\"state\":%1$d}",
            "{\"type\":\"history\",\"id\":%d,\"room\":\"garden\",\"limit\":3}",
            "{\"type\":\"members\",\"id\":%d,\"room\":\"garden\"}",
            "{\"type\":\"leave\",\"id\":%d,\"room\":\"garden\"}",
            "{\"type\":\"dance\",\"id\":%d}",
            "{\"type\":\"ping\",\"id\":%d}{}",
            "");

    /** The received frames of a client: answers by the number of their request, messages in their order, errors without an id, and the close code. */
    private record Outcome(
            List<String> answers,
            List<String> messages,
            long errors,
            @Nullable CloseCode code) {}

    @Provide
    Arbitrary<List<String>> requests() {
        return Arbitraries.integers()
                .between(0, REQUESTS.size() - 1)
                .list()
                .ofMaxSize(40)
                .map(kinds -> IntStream.range(0, kinds.size())
                        .mapToObj(i -> REQUESTS.get(kinds.get(i)).formatted(i))
                        .toList());
    }

    @Property(tries = 200)
    void anySplitOfRequestsIntoFramesHasTheSameOutcome(
            @ForAll("requests") List<String> requests, @ForAll Random random) {
        List<String> frames = new ArrayList<>();
        for (String request : requests) {
            int last = frames.size() - 1;
            if (last < 0 || random.nextInt(4) == 0) {
                frames.add(request);
            } else {
                frames.set(last, frames.get(last) + '\n' + request);
            }
        }

        Outcome alone = outcome(requests);
        Assume.that(alone.code == null); // a closed client misses answers that still wait

        assertThat(outcome(frames)).isEqualTo(alone);
    }

    private static Outcome outcome(List<String> frames) {
        FakePeer.World world = new FakePeer.World(Map.of("max-message-burst", "35", "max-messages-per-second", "1"));
        FakePeer peer = world.connect(TuttiV1.PROTOCOL, "Ann");
        TuttiV1Session session = open(world, peer);
        List<String> received = new ArrayList<>();
        for (String frame : frames) {
            session.receive(new Requests(frame, new SizeLimit(10_000)));
            received.addAll(lines(peer.take()));
        }
        return new Outcome(
                received.stream()
                        .filter(line -> line.contains("\"id\":"))
                        .sorted()
                        .toList(),
                received.stream()
                        .filter(line -> line.startsWith("{\"type\":\"message\""))
                        .toList(),
                received.stream()
                        .filter(line -> line.startsWith("{\"type\":\"error\",\"code\""))
                        .count(),
                peer.closeCode());
    }

    /** A client joins, leaves, asks or publishes some data; or all runs happen. */
    private record Step(int client, int kind, int bytes) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Arbitraries.randomValue(random -> new Step(
                        random.nextInt(CLIENTS),
                        random.nextInt(10),
                        random.nextInt(20) == 0 ? random.nextInt(80_000) : random.nextInt(100)))
                .list()
                .ofMinSize(10)
                .ofMaxSize(80);
    }

    @Property(tries = 200)
    void runsOfAnyLengthDeliverTheSameMessages(@ForAll("steps") List<Step> steps, @ForAll Random random) {
        assertThat(received(steps, random)).isEqualTo(received(steps, null));
    }

    /**
     * Returns the lines that each client receives if runs happen at random; after each step without {@code random}. Leaves out errors, which
     * have no place in the room's order.
     */
    private static List<List<String>> received(List<Step> steps, @Nullable Random random) {
        FakePeer.World world = new FakePeer.World(Map.of("max-messages-per-second", "0"));
        List<FakePeer> peers = new ArrayList<>();
        List<TuttiV1Session> sessions = new ArrayList<>();
        List<List<String>> received = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            peers.add(world.connect(TuttiV1.PROTOCOL, "user " + i));
            sessions.add(open(world, peers.get(i)));
            received.add(new ArrayList<>());
        }
        for (int i = 0; i < steps.size(); i++) {
            sessions.get(steps.get(i).client).receive(new Requests(request(i, steps.get(i)), new SizeLimit(0)));
            if (random == null || i == steps.size() - 1 || random.nextInt(6) == 0) {
                for (int client = 0; client < CLIENTS; client++) {
                    received.get(client).addAll(lines(peers.get(client).take()));
                    received.get(client).removeIf(line -> line.startsWith("{\"type\":\"error\""));
                }
            }
        }
        return received;
    }

    private static String request(int number, Step step) {
        return switch (step.kind) {
            case 0, 1 -> "{\"type\":\"join\",\"id\":" + number + ",\"room\":\"garden\"}";
            case 2 -> "{\"type\":\"leave\",\"id\":" + number + ",\"room\":\"garden\"}";
            case 3 -> "{\"type\":\"members\",\"id\":" + number + ",\"room\":\"garden\"}";
            case 4 -> "{\"type\":\"history\",\"id\":" + number + ",\"room\":\"garden\",\"limit\":2}";
            default -> "{\"type\":\"publish\",\"room\":\"garden\",\"data\":\"" + "é".repeat(step.bytes / 2) + "\"}";
        };
    }

    private static TuttiV1Session open(FakePeer.World world, FakePeer peer) {
        return new TuttiV1Session(peer.client(), world.limits(), FakeTokens.NONE);
    }

    private static List<String> lines(List<String> frames) {
        assertThat(frames).allMatch(frame -> frame.indexOf('\n') < 0 || frame.length() <= MAX_FRAME_BYTES);
        return frames.stream()
                .flatMap(frame -> List.of(frame.split("\n", -1)).stream())
                .toList();
    }
}
