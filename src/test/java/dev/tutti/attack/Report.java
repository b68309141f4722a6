package dev.tutti.attack;

import java.util.List;
import java.util.Map;

/**
 * What came of an attack. Immutable, but for more problems.
 *
 * @param latency of the bystander's echoes
 * @param peakBytes the most memory that was in use after a collection meanwhile
 * @param afterBytes what is in use when the attackers have gone and what they left is cleared up
 * @param outcomes how many attackers got what
 * @param problems what must not be, besides latency, for people
 */
record Report(
        Attack attack,
        Latency latency,
        long peakBytes,
        long afterBytes,
        Map<String, Integer> outcomes,
        List<String> problems) {}
