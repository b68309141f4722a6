/**
 * Attacks on a server in a process of its own, while a {@link dev.tutti.attack.LatencyProbe} in other rooms and another document measures
 * whether it notices. An {@link dev.tutti.attack.Attack} is a few lines of hostile client; {@link dev.tutti.attack.AttackRunner} carries it out
 * and judges the server.
 */
package dev.tutti.attack;
