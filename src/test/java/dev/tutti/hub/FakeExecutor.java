package dev.tutti.hub;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** An executor that runs a task when a test calls {@link #runOne} or {@link #runAll}. Confined to one thread. */
final class FakeExecutor implements Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /** Runs the task that has waited longest; false if none waits. */
    boolean runOne() {
        Runnable task = tasks.poll();
        if (task != null) {
            task.run();
        }
        return task != null;
    }

    /** Runs tasks until none waits. */
    void runAll() {
        while (runOne()) {}
    }

    int waiting() {
        return tasks.size();
    }
}
