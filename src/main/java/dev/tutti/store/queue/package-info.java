/**
 * The write queue that all durable stores share. A {@link dev.tutti.store.queue.QueuedStore} puts each write as a {@link
 * dev.tutti.store.queue.Change} into a {@link dev.tutti.store.queue.GroupCommit}, whose thread commits all waiting changes at once to the
 * store's {@link dev.tutti.store.queue.Backend}. A {@link dev.tutti.store.queue.WriteBackoff} spaces the attempts after a failure.
 */
@NullMarked
package dev.tutti.store.queue;

import org.jspecify.annotations.NullMarked;
