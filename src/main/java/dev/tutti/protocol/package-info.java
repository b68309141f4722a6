/**
 * The wire protocols (docs/protocol.md), one package each, with its reader, its writer and the state machine of a connection. This
 * package holds the shared parts of the JSON protocols.
 *
 * <p>Endpoints carry frames to a protocol; a protocol calls the hub and the documents, which know none.
 */
@NullMarked
package dev.tutti.protocol;

import org.jspecify.annotations.NullMarked;
