/**
 * The wire protocols (docs/protocol.md), one package each, with its reader, its writer and the state machine of a connection. Here is what
 * those on JSON share.
 *
 * <p>Endpoints carry frames to a protocol; a protocol calls the hub and the documents, which know none.
 */
@NullMarked
package dev.tutti.protocol;

import org.jspecify.annotations.NullMarked;
