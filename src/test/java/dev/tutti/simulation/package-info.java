/**
 * Hub and documents in a world where a seed decides everything: which task runs next, how much time passes, which sends and writes fail. Each
 * history is checked against a model. A failure names its seed, and {@code -Dtutti.simulation.seed=N} repeats that history alone.
 */
@NullMarked
package dev.tutti.simulation;

import org.jspecify.annotations.NullMarked;
