/**
 * Edge: durable stores of documents. {@link dev.tutti.store.DocumentStores} opens the store that {@link dev.tutti.store.StoreOptions} name: a
 * directory ({@link dev.tutti.store.file}), a PostgreSQL database ({@link dev.tutti.store.postgres}), or memory. {@link
 * dev.tutti.store.Backups} and {@link dev.tutti.store.DocumentCopy} copy documents from one store to another.
 *
 * <p>Both durable stores write through the queue in {@link dev.tutti.store.queue}, which commits all waiting changes at once. This package
 * depends on the two stores, they depend on the queue, and the queue on neither.
 */
@NullMarked
package dev.tutti.store;

import org.jspecify.annotations.NullMarked;
