/**
 * Core: live Yjs documents. {@link dev.tutti.document.Documents} has all of them; a client takes part in one by a {@link
 * dev.tutti.document.Participant}; {@link dev.tutti.document.DocumentStore} is where they are when nobody does. The frames are those of
 * y-websocket's protocol ({@link dev.tutti.document.SyncProtocol}).
 */
@NullMarked
package dev.tutti.document;

import org.jspecify.annotations.NullMarked;
