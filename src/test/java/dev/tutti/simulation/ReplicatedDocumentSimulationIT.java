package dev.tutti.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.DocumentMetrics;
import dev.tutti.document.Documents;
import dev.tutti.document.SimulatedRelay;
import dev.tutti.event.Events;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Editors of one document on three servers with one store, under random schedules: messages between the servers are lost, connections break, servers die,
 * and the store fails.
 */
class ReplicatedDocumentSimulationIT {
    private static final int STEPS = 120;
    private static final int SERVERS = 3;
    private static final int EDITORS = 5;

    /** Longer than the time between two greetings. */
    private static final int QUIET_SECONDS = 45;

    @Test
    void copiesConvergeAndAcknowledgedEditsAreStored() {
        World.simulate(
                world -> {
                    try {
                        new History(world).run();
                    } catch (MalformedUpdateException | LimitExceededException e) {
                        throw new AssertionError(e);
                    }
                },
                20);
    }

    /** A process: nothing of it runs after its death. */
    private static final class Server {
        private final World world;
        private final SimulatedRelay.Server relay;
        private final Hub hub;
        private final Documents documents;
        private boolean isDead;

        Server(World world, String name, FlakyStore store, SimulatedRelay.Server relay) {
            this.world = world;
            this.relay = relay;
            Limits limits = World.limits(Map.of("max-messages-per-second", "0", "max-queued-bytes", "200"));
            hub = new Hub(limits, name, this::execute, 1, world);
            documents = new Documents(
                    limits,
                    hub.budget(),
                    store,
                    this::execute,
                    world,
                    (task, nanos) -> execute(task),
                    new Events(),
                    DocumentMetrics.NONE,
                    relay);
        }

        private void execute(Runnable task) {
            world.execute(() -> {
                if (!isDead) {
                    task.run();
                }
            });
        }

        void tick() {
            hub.tick();
            documents.tick();
        }

        void die() {
            isDead = true;
            relay.kill();
        }
    }

    private static final class History {
        private final World world;
        private final FlakyStore store;
        private final SimulatedRelay relay;
        private final List<Server> servers = new ArrayList<>();
        private final List<Editor> editors = new ArrayList<>();
        /** The server of each editor that is connected. */
        private final Map<Editor, Server> places = new HashMap<>();

        private int lossPercent;
        private int names;

        History(World world) {
            this.world = world;
            this.store = new FlakyStore(world);
            this.relay = new SimulatedRelay(world, () -> world.happens(lossPercent));
            for (int i = 0; i < SERVERS; i++) {
                servers.add(start());
            }
            for (int i = 0; i < EDITORS; i++) {
                editors.add(new Editor(world, store, "shared", 1 + i));
            }
            store.failPercent(world.happens(50) ? 0 : 25);
            lossPercent = world.happens(50) ? 0 : 20;
        }

        private Server start() {
            return new Server(world, "h" + names++, store, relay.newServer());
        }

        void run() throws MalformedUpdateException, LimitExceededException {
            for (int i = 0; i < STEPS; i++) {
                step();
                readAll();
            }
            store.failPercent(0);
            lossPercent = 0;
            servers.forEach(server -> server.relay.connect());
            settle();
            for (Editor editor : editors) {
                editor.expectAllStored();
                editor.disconnect(true);
            }
            for (int i = 0; i < 100 && isAnyOpen(); i++) {
                pass(2_000);
                world.runAll();
            }
            assertThat(isAnyOpen()).as("an open document").isFalse();
            for (Editor editor : editors) {
                editor.expectAllStored();
            }
            for (Server server : servers) {
                for (Budget.Share share : Budget.Share.values()) {
                    assertThat(server.hub.budget().usedBytes(share))
                            .as(share.label())
                            .isZero();
                }
            }
        }

        private boolean isAnyOpen() {
            return servers.stream().anyMatch(server -> server.documents.count() > 0);
        }

        private void step() throws MalformedUpdateException, LimitExceededException {
            Editor editor = world.oneOf(editors);
            switch (world.number(14)) {
                case 0, 1 -> {
                    if (!editor.isConnected()) {
                        connect(editor, world.happens(30));
                    }
                }
                case 2, 3, 4 -> editor.edit();
                case 5 -> editor.progress();
                case 6 -> {
                    if (world.happens(40)) {
                        editor.disconnect(world.happens(50));
                    }
                }
                case 7 -> fault();
                default -> world.runOne();
            }
        }

        private void fault() {
            Server server = world.oneOf(servers);
            switch (world.number(8)) {
                case 0 -> {
                    server.die();
                    servers.set(servers.indexOf(server), start());
                    editors.stream()
                            .filter(editor -> places.get(editor) == server)
                            .forEach(Editor::cutOff);
                }
                case 1, 2 -> server.relay.disconnect();
                case 3, 4 -> server.relay.connect();
                default -> pass(world.number(5_000));
            }
        }

        private void connect(Editor editor, boolean isSlow) {
            Server server = world.oneOf(servers);
            places.put(editor, server);
            editor.connect(server.hub, server.documents, isSlow);
        }

        private void pass(int millis) {
            world.passMillis(millis);
            servers.forEach(Server::tick);
        }

        private void readAll() throws MalformedUpdateException, LimitExceededException {
            for (Editor editor : editors) {
                editor.read();
            }
        }

        /** Reconnects all editors, and lets time pass until all work is done. */
        private void settle() throws MalformedUpdateException, LimitExceededException {
            for (int quiet = 0; quiet < QUIET_SECONDS; ) {
                boolean busy = world.runOne();
                for (Editor editor : editors) {
                    if (!editor.isConnected()) {
                        connect(editor, false);
                        busy = true;
                    }
                    busy |= editor.progress();
                }
                readAll();
                if (!busy) {
                    quiet++;
                    pass(1_000);
                }
            }
        }
    }
}
