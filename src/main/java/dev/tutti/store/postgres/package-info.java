/**
 * Documents in a PostgreSQL database: {@link dev.tutti.store.postgres.PostgresStore}. {@link dev.tutti.store.postgres.Schema} creates the
 * tables, {@link dev.tutti.store.postgres.EntryTable} writes rows, {@link dev.tutti.store.postgres.PostgresWriter} holds the connection whose
 * lock keeps other servers out.
 */
@NullMarked
package dev.tutti.store.postgres;

import org.jspecify.annotations.NullMarked;
