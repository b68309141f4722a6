/**
 * Attacks on a server in its own process, while a {@link dev.tutti.attack.LatencyProbe} in other rooms and another document measures its
 * latency. An {@link dev.tutti.attack.Attack} is a few lines of a hostile client; {@link dev.tutti.attack.AttackRunner} runs it and checks
 * the server.
 */
package dev.tutti.attack;
