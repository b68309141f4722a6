package dev.tutti.cluster;

import java.util.List;
import java.util.stream.Stream;

/** Receives counts and times of the cluster. Safe for any thread. */
public interface ClusterMetrics {
    /** The operations of {@link #called}. */
    List<String> OPERATIONS = Stream.of(Script.values()).map(Script::label).toList();

    /** Ignores all. */
    ClusterMetrics NONE = new ClusterMetrics() {
        @Override
        public void called(String operation, long nanos) {}

        @Override
        public void gapFound() {}
    };

    /**
     * Redis has answered a call.
     *
     * @param operation one of {@link #OPERATIONS}
     */
    void called(String operation, long nanos);

    /** A room had missed publications, which it then reads. */
    void gapFound();
}
