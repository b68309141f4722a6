/**
 * Documents in a directory: {@link dev.tutti.store.file.FileStore}.
 *
 * <p>A {@link dev.tutti.store.file.Volume} is the file itself. It holds {@link dev.tutti.store.file.Entry entries}, each of which proves by
 * checksums that it is whole, and a {@link dev.tutti.store.file.CatalogEntry} for each document, which leads to the document's entries. The
 * {@link dev.tutti.store.file.HighWaterMark} beside it holds the sequence of the last acknowledged entry. {@link
 * dev.tutti.store.file.FileBackend} commits changes to the volume, whose {@link dev.tutti.store.file.EntryWriter} writes their entries. {@link
 * dev.tutti.store.file.VolumeFile} opens it and checks every entry, and {@link dev.tutti.store.file.Salvage} finds the sound entries of a
 * damaged file. Readers see a {@link dev.tutti.store.file.Snapshot}: the volume after one commit.
 */
@NullMarked
package dev.tutti.store.file;

import org.jspecify.annotations.NullMarked;
