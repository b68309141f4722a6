/**
 * Edge: where documents are kept. {@link dev.tutti.store.DocumentStores} opens what {@link dev.tutti.store.StoreOptions} say: a {@link
 * dev.tutti.store.FileStore} in a directory, or memory. Both write what waits in one commit
 * ({@link dev.tutti.store.GroupCommit}).
 *
 * <p>A file store is made of a {@link dev.tutti.store.Volume}, the file itself; {@link dev.tutti.store.Entry entries} in it, each of which
 * proves that it is whole; a {@link dev.tutti.store.CatalogEntry} for each document, which leads to its entries; and a {@link
 * dev.tutti.store.Waterline}, which tells how far it must go. {@link dev.tutti.store.FileWriter} writes it, {@link dev.tutti.store.VolumeFile} opens it, and if it is damaged, {@link
 * dev.tutti.store.Salvage} finds what is sound. {@link dev.tutti.store.Contents} is what readers see: the volume as one commit left it.
 */
@NullMarked
package dev.tutti.store;

import org.jspecify.annotations.NullMarked;
