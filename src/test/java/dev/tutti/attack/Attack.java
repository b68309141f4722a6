package dev.tutti.attack;

import java.util.List;
import java.util.stream.Stream;

/**
 * A hostile action of some clients. Immutable.
 *
 * @param name a few words
 * @param description of the attackers' traffic, for the report
 * @param expected permitted outcomes of the attackers' connections, as {@link Attacker#outcome} and {@link Attackers} name them
 */
record Attack(String name, String description, List<String> expected, Action action) {
    /** The actions of the attackers; returns when they are done. */
    @FunctionalInterface
    interface Action {
        void run(Attackers attackers) throws Exception;
    }

    /** @param expected separated by spaces */
    static Attack of(String name, String description, String expected, Action action) {
        return new Attack(name, description, List.of(expected.split(" ")), action);
    }

    /** Returns this attack with one more permitted outcome. */
    Attack orExpect(String outcome) {
        return new Attack(
                name,
                description,
                Stream.concat(expected.stream(), Stream.of(outcome)).toList(),
                action);
    }

    @Override
    public String toString() {
        return name;
    }
}
