/**
 * Documents in a PostgreSQL database: {@link dev.tutti.store.postgres.PostgresStore}. {@link dev.tutti.store.postgres.Schema} creates the
 * tables, {@link dev.tutti.store.postgres.EntryTable} writes rows, {@link dev.tutti.store.postgres.EntryQueries} reads them. {@link
 * dev.tutti.store.postgres.WriterConnections} opens the connection whose lock keeps other servers out, and {@link
 * dev.tutti.store.postgres.PostgresBackend} replaces it when it is lost.
 */
@NullMarked
package dev.tutti.store.postgres;

import org.jspecify.annotations.NullMarked;
