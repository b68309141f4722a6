/**
 * Core: the activity of the server, for administrators. {@link dev.tutti.statistics.Statistics} keeps a sample every few seconds, and finds
 * the largest rooms, documents and outboxes when somebody asks; {@link dev.tutti.statistics.Totals} are the counts of its parts.
 */
@NullMarked
package dev.tutti.statistics;

import org.jspecify.annotations.NullMarked;
