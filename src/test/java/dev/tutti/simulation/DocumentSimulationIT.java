package dev.tutti.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.Documents;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Editors of shared documents under random schedules, with a store that fails and servers that crash. */
class DocumentSimulationIT {
    private static final int STEPS = 100;
    private static final int EDITORS = 4;

    @Test
    void acknowledgedEditsAreStoredAndConverge() {
        World.simulate(world -> {
            try {
                new History(world).run();
            } catch (MalformedUpdateException | LimitExceededException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static final class History {
        private final World world;
        private final FlakyStore store;
        private final List<Editor> editors = new ArrayList<>();
        private final Limits limits;
        private Hub hub;
        private Documents documents;
        private int servers;

        History(World world) {
            this.world = world;
            this.store = new FlakyStore(world);
            this.limits = World.limits(Map.of("max-messages-per-second", "0", "max-queued-bytes", "200"));
            this.hub = hub();
            this.documents = documents();
            for (int i = 0; i < EDITORS; i++) {
                editors.add(new Editor(world, store, i < EDITORS - 1 ? "shared" : "own", 1 + i));
            }
            store.failPercent(world.happens(50) ? 0 : 25);
        }

        private Hub hub() {
            return new Hub(limits, "h" + servers++, world, 1, world);
        }

        private Documents documents() {
            return new Documents(limits, hub.budget(), store, world, world, (task, nanos) -> world.execute(task));
        }

        void run() throws MalformedUpdateException, LimitExceededException {
            for (int i = 0; i < STEPS; i++) {
                step();
                readAll();
            }
            store.failPercent(0);
            settle();
            for (Editor editor : editors) {
                editor.expectAllStored();
                editor.disconnect(true);
            }
            for (int i = 0; i < 100 && documents.count() > 0; i++) {
                pass(2_000);
                world.runAll();
            }
            assertThat(documents.count()).isZero();
            for (Editor editor : editors) {
                editor.expectAllStored();
            }
            for (Budget.Share share : Budget.Share.values()) {
                assertThat(hub.budget().usedBytes(share)).as(share.label()).isZero();
            }
        }

        private void step() throws MalformedUpdateException, LimitExceededException {
            Editor editor = world.oneOf(editors);
            switch (world.number(12)) {
                case 0, 1 -> {
                    if (!editor.isConnected()) {
                        editor.connect(hub, documents, world.happens(40));
                    }
                }
                case 2, 3, 4 -> editor.edit();
                case 5 -> editor.progress();
                case 6 -> {
                    if (world.happens(40)) {
                        editor.disconnect(world.happens(50));
                    }
                }
                case 7 -> {
                    if (world.happens(10)) {
                        crash();
                    } else {
                        pass(world.number(3_000));
                    }
                }
                default -> world.runOne();
            }
        }

        private void pass(int millis) {
            world.passMillis(millis);
            hub.tick();
            documents.tick();
        }

        /** The server crashes and loses everything that is not stored. */
        private void crash() {
            world.dropTasks();
            editors.forEach(Editor::cutOff);
            hub = hub();
            documents = documents();
        }

        private void readAll() throws MalformedUpdateException, LimitExceededException {
            for (Editor editor : editors) {
                editor.read();
            }
        }

        /** Reconnects all editors, and lets time pass until all work is done. */
        private void settle() throws MalformedUpdateException, LimitExceededException {
            for (int quiet = 0; quiet < 10; ) {
                boolean busy = world.runOne();
                for (Editor editor : editors) {
                    if (!editor.isConnected()) {
                        editor.connect(hub, documents, false);
                        busy = true;
                    }
                    busy |= editor.progress();
                }
                readAll();
                if (busy) {
                    quiet = 0;
                } else {
                    quiet++;
                    pass(1_000);
                }
            }
        }
    }
}
