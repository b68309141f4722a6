package dev.tutti.health;

import java.util.List;

/** The answer to one question about the server's health. Immutable. */
public record Report(List<Check> checks) {
    /** Copies the list. */
    public Report {
        checks = List.copyOf(checks);
    }

    /** Returns whether all parts work, at least partly. */
    public boolean isUp() {
        return checks.stream().allMatch(Check::isUp);
    }
}
