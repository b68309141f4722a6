package dev.tutti.http;

/**
 * The peers that may read the metrics: with the setting {@code admin} those with the right to administer the server, with {@code open}
 * everybody. Immutable.
 */
public record MetricsAccess(boolean isOpen) {
    /**
     * Returns the access of a setting.
     *
     * @throws IllegalArgumentException for any other text than {@code admin} and {@code open}
     */
    public static MetricsAccess valueOf(String text) {
        return switch (text.strip()) {
            case "admin" -> new MetricsAccess(false);
            case "open" -> new MetricsAccess(true);
            default -> throw new IllegalArgumentException("'" + text + "' is neither admin nor open");
        };
    }
}
