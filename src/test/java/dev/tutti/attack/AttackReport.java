package dev.tutti.attack;

import java.util.List;
import java.util.Map;

/**
 * The result of an attack. Immutable, except for the list of problems.
 *
 * @param latency of the probe's echoes during the attack
 * @param peakBytes memory after the largest garbage collection during the attack
 * @param afterBytes memory after the attackers have left and the server has cleaned up
 * @param outcomes number of attackers by outcome
 * @param problems failures other than latency, for people
 */
record AttackReport(
        Attack attack,
        Latency latency,
        long peakBytes,
        long afterBytes,
        Map<String, Integer> outcomes,
        List<String> problems) {}
