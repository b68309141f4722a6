/**
 * The histories of rooms in a store, so that they outlive the server: {@link dev.tutti.history.DurableHistory} makes the {@link
 * dev.tutti.hub.RoomLog} of each room.
 *
 * <p>The store keeps a room as it keeps a document: as a set of rows. A {@link dev.tutti.history.LogRow} holds some publications, or all that
 * the room retains. A {@link dev.tutti.history.LogWriter} appends a row for the publications that came since the last one, and folds the rows
 * into one from time to time. A {@link dev.tutti.history.StoredLog} is the content of a room's rows. The {@link dev.tutti.history.Generation}
 * tells whether the server before this one has stored all that it had delivered.
 */
@NullMarked
package dev.tutti.history;

import org.jspecify.annotations.NullMarked;
