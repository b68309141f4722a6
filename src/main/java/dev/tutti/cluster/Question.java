package dev.tutti.cluster;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/**
 * A question or a command of a server to all others. Immutable.
 *
 * @param kind names the {@link Handler}
 */
record Question(String kind, List<String> arguments) {
    /** Answers the questions of one kind. Called on the hub's executor. */
    @FunctionalInterface
    interface Handler {
        /**
         * Returns the values of the answer.
         *
         * @throws FormatException if this version does not understand the arguments
         */
        CompletionStage<List<String>> answer(List<String> arguments);
    }

    /**
     * The answers to a question.
     *
     * @param asked the number of servers that have received it
     * @param values of each server that has answered in time
     */
    record Answers(int asked, List<List<String>> values) {
        int missing() {
            return asked - values.size();
        }
    }

    List<String> values() {
        return Stream.concat(Stream.of(kind), arguments.stream()).toList();
    }
}
