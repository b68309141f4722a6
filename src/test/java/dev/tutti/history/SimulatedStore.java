package dev.tutti.history;

import dev.tutti.document.DocumentMove;
import dev.tutti.document.DocumentStore;
import dev.tutti.document.MemoryStore;
import dev.tutti.document.Replacement;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import dev.tutti.hub.TimeSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongPredicate;
import java.util.function.Supplier;

/** A store whose calls wait until a test lets them succeed or fail. Confined to the test's thread. */
final class SimulatedStore implements DocumentStore {
    /** The end of a call. */
    enum Outcome {
        DONE,
        FAILED,
        /** The call has its effect, and fails. */
        FAILED_WITH_EFFECT
    }

    private record Call<T>(Supplier<CompletionStage<T>> effect, CompletableFuture<T> stage) {
        void end(Outcome outcome) {
            if (outcome == Outcome.FAILED) {
                fail();
                return;
            }
            T result = effect.get().toCompletableFuture().join();
            if (outcome == Outcome.DONE) {
                stage.complete(result);
            } else {
                fail();
            }
        }

        private void fail() {
            stage.completeExceptionally(new StoreException("on purpose"));
        }
    }

    private final MemoryStore stored;
    private Runnable whenRowsMayBeMissed = () -> {};
    private Queue<Call<?>> calls = new ArrayDeque<>();

    SimulatedStore(TimeSource time) {
        stored = new MemoryStore(time::millis);
    }

    /** Ends the earliest call; false if none waits. */
    boolean end(Outcome outcome) {
        Call<?> call = calls.poll();
        if (call != null) {
            call.end(outcome);
        }
        return call != null;
    }

    /** The server has crashed: nobody waits for the calls. */
    void forgetCalls() {
        calls = new ArrayDeque<>();
    }

    private <T> CompletionStage<T> call(String name, Supplier<CompletionStage<T>> effect) {
        if (name.startsWith(".")) {
            return effect.get(); // a start and a stop wait for it
        }
        Call<T> call = new Call<>(effect, new CompletableFuture<>());
        calls.add(call);
        return call.stage;
    }

    @Override
    public CompletionStage<List<StoredUpdate>> load(String name) {
        return call(name, () -> stored.load(name));
    }

    @Override
    public CompletionStage<List<StoredUpdate>> load(String name, LongPredicate reserve) {
        return call(name, () -> stored.load(name, reserve));
    }

    @Override
    public CompletionStage<Long> append(String name, byte[] update) {
        return call(name, () -> stored.append(name, update));
    }

    @Override
    public CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered) {
        return call(name, () -> stored.replace(name, state, covered));
    }

    @Override
    public CompletionStage<Boolean> delete(String name) {
        return call(name, () -> stored.delete(name));
    }

    @Override
    public CompletionStage<DocumentMove.Result> move(DocumentMove move) {
        return call(move.from(), () -> stored.move(move));
    }

    @Override
    public CompletionStage<List<StoredDocument>> list(String prefix, String after, int max) {
        return stored.list(prefix, after, max);
    }

    /** Returns the action that runs when other servers may have written. */
    Runnable whenRowsMayBeMissed() {
        return whenRowsMayBeMissed;
    }

    @Override
    public void whenRowsMayBeMissed(Runnable action) {
        whenRowsMayBeMissed = action;
    }

    @Override
    public void close() {}
}
