/**
 * Core: whether the server works. {@link dev.tutti.health.Health} answers for balancers and orchestrators; a {@link dev.tutti.health.Probe} tries
 * a part of the server when somebody asks, and a {@link dev.tutti.health.Condition} knows since when a part works or fails.
 */
@NullMarked
package dev.tutti.health;

import org.jspecify.annotations.NullMarked;
