package dev.tutti.store.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lincheck runs threads that write and close concurrently, and compares the confirmed changes with the committed ones. */
@Tag("interleavings")
class GroupCommitInterleavingsIT {
    private static final int THREADS = 4;

    @Test
    void confirmedChangesWereCommittedOnceInOrder() {
        new StressOptions()
                .iterations(Integer.getInteger("tutti.interleavings.scenarios", 3))
                .invocationsPerIteration(Integer.getInteger("tutti.interleavings.each", 60))
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(0)
                .actorsAfter(0)
                .check(Operations.class);
    }

    /** The operations: each thread writes numbered changes. Every fifth commit fails. */
    public static class Operations {
        private final int[] written = new int[THREADS];
        private final List<List<CompletableFuture<Change>>> results = new ArrayList<>();

        // Confined to the writer's thread.
        private final List<String> committed = new ArrayList<>();
        private int commits;

        private final GroupCommit group = new GroupCommit(new Recording(), System::nanoTime);

        private final class Recording implements WriteOnlyBackend {
            @Override
            public void commit(List<Change> changes) {
                if (++commits % 5 == 0) {
                    throw new IllegalStateException("injected");
                }
                changes.forEach(change -> committed.add(change.name()));
            }

            @Override
            public void close() {
                committed.add("end");
            }
        }

        /** Begins with nothing written. */
        public Operations() {
            for (int i = 0; i < THREADS; i++) {
                results.add(new ArrayList<>());
            }
        }

        @Operation
        public void write(@Param(gen = ThreadIdGen.class) int thread) {
            int writer = thread % THREADS;
            String name = writer + " " + ++written[writer];
            results.get(writer).add(group.add(Change.append(name, new byte[1])));
        }

        @Operation
        public void close() {
            group.close();
        }

        @Validate
        public void confirmedIsCommitted() {
            group.close();
            require(committed.indexOf("end") == committed.size() - 1, "a commit after the end");
            List<String> confirmed = new ArrayList<>();
            for (List<CompletableFuture<Change>> of : results) {
                int last = -1;
                for (CompletableFuture<Change> result : of) {
                    require(result.isDone(), "a change without a result");
                    try {
                        String name = result.join().name();
                        confirmed.add(name);
                        require(committed.indexOf(name) > last, "lost, or out of order");
                        last = committed.indexOf(name);
                    } catch (CompletionException e) {
                        // its commit failed, or the store was closed before
                    }
                }
            }
            require(confirmed.size() == committed.size() - 1, "a change was committed and not confirmed");
        }

        private static void require(boolean condition, String message) {
            if (!condition) {
                throw new IllegalStateException(message);
            }
        }
    }
}
