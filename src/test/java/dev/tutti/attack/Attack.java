package dev.tutti.attack;

import java.util.List;
import java.util.stream.Stream;

/**
 * One way to harm others. Immutable.
 *
 * @param name of a few words
 * @param does what the attackers do, for people
 * @param gets how the connections of the attackers may end, as {@link Attacker#outcome} and {@link Attackers} tell it; no other
 *     end is right
 */
record Attack(String name, String does, List<String> gets, Action action) {
    /** What attackers do; returns when they have done their worst. */
    @FunctionalInterface
    interface Action {
        void run(Attackers attackers) throws Exception;
    }

    /** @param gets separated by spaces */
    static Attack of(String name, String does, String gets, Action action) {
        return new Attack(name, does, List.of(gets.split(" ")), action);
    }

    /** Returns this attack on a server on which connections may end in one more way. */
    Attack orGets(String outcome) {
        return new Attack(
                name, does, Stream.concat(gets.stream(), Stream.of(outcome)).toList(), action);
    }

    @Override
    public String toString() {
        return name;
    }
}
