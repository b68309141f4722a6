package dev.tutti.settings;

import java.util.List;
import java.util.Objects;

/** Settings with which the server does not start. Immutable. */
public final class InvalidSettingsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** Makes an exception of all faults, at least one; each is one line. */
    public InvalidSettingsException(List<String> faults) {
        super(String.join("\n", faults));
    }

    /** Returns a line for each fault: the setting, the valid values, and the place of the invalid one. */
    public List<String> faults() {
        return Objects.requireNonNull(getMessage()).lines().toList();
    }
}
