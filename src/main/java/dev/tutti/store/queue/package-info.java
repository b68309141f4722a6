/**
 * The write queue that all durable stores share. A {@link dev.tutti.store.queue.Change} waits in a {@link
 * dev.tutti.store.queue.GroupCommit} until one thread commits it together with all other waiting changes.
 */
@NullMarked
package dev.tutti.store.queue;

import org.jspecify.annotations.NullMarked;
