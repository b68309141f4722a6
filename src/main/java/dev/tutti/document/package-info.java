/**
 * Core: live Yjs documents. {@link dev.tutti.document.Documents} has all of them; a client takes part in one by a {@link
 * dev.tutti.document.DocumentMember}; {@link dev.tutti.document.DocumentStore} is where they are when nobody does. A
 * {@link dev.tutti.document.DocumentProtocol} makes the frames that its client receives.
 */
@NullMarked
package dev.tutti.document;

import org.jspecify.annotations.NullMarked;
