/**
 * Core: live Yjs documents. {@link dev.tutti.document.Documents} opens them, and a client is a {@link dev.tutti.document.DocumentMember} of each
 * document that it has open. A {@link dev.tutti.document.DocumentProtocol} makes the frames that a member receives; it sends {@link
 * dev.tutti.document.DocumentRequest requests}. {@link dev.tutti.document.DocumentStore} holds all documents, also those that no client
 * has open; the {@link dev.tutti.document.Trash} is a part of it. After a deletion the name begins another {@code Incarnation}, which recognises
 * copies of the deleted document.
 *
 * <p>Inside, {@code LiveDocuments} counts the references to each loaded document. A {@code LiveDocument} is its mailbox and its life from the
 * load to the unload, a {@code SharedDocument} its members, and a {@code DocumentContent} its state; only its runs touch these two. {@code Peers} keeps
 * it equal to the copies on other servers, by a {@link dev.tutti.document.DocumentRelay}.
 *
 * <p>Beside the documents the store has what belongs to them under names with a dot first: the {@link dev.tutti.document.Trash}, and the {@link
 * dev.tutti.document.Versions} that people or the clock have made.
 */
@NullMarked
package dev.tutti.document;

import org.jspecify.annotations.NullMarked;
