package dev.tutti.document;

import dev.tutti.hub.Budget;
import java.util.concurrent.CompletableFuture;

/** An event in the mailbox of a live document. */
sealed interface DocumentEvent {
    /** Returns the bytes that the event holds while it waits. */
    default int bytes() {
        return 0;
    }

    /** Returns whether a reference to the document ends when the event is handled. */
    default boolean endsReference() {
        return this instanceof Left
                || this instanceof StatusRequested
                || this instanceof ContentRequested
                || this instanceof Submitted
                || this instanceof VersionRequested
                || this == Signal.REFERENCE_ENDED;
    }

    /** A client has opened the document. */
    record Opened(DocumentMember member) implements DocumentEvent {}

    /** A member has sent a request. */
    record Received(DocumentMember member, DocumentRequest request, int bytes) implements DocumentEvent {}

    /** The outbox of a member's client accepts broadcasts again after drops. */
    record Resumed(DocumentMember member) implements DocumentEvent {}

    /** A member's client has closed the document or its connection. */
    record Left(DocumentMember member) implements DocumentEvent {}

    /** The application asks how far the document is stored. It holds a reference until it is answered. */
    record StatusRequested(CompletableFuture<Documents.Stored> status) implements DocumentEvent {}

    /** A caller without a connection asks for the content that a state vector lacks. It holds a reference until it is answered. */
    @SuppressWarnings("ArrayRecordComponent") // events are not compared
    record ContentRequested(byte[] stateVector, CompletableFuture<byte[]> content) implements DocumentEvent {}

    /** The state is to become a version, whose memory the quota is charged for. The caller holds a reference until it is answered. */
    record VersionRequested(Budget.Quota quota, CompletableFuture<VersionDraft> draft) implements DocumentEvent {}

    /** A caller without a connection brings an update. It holds a reference until the run has applied or refused the update. */
    record Submitted(UpdateSubmission submission) implements DocumentEvent {
        @Override
        public int bytes() {
            return submission.update().length;
        }
    }

    /** A copy of the document on another server has sent a message. */
    record Relayed(RelayMessage message) implements DocumentEvent {
        @Override
        public int bytes() {
            return message.bytes();
        }
    }

    /** Answers an event of a document that cannot be loaded. */
    default void refuse(String reason) {
        if (this instanceof Opened opened) {
            opened.member.refuse(reason);
        } else if (this instanceof StatusRequested requested) {
            requested.status.completeExceptionally(new StoreException(reason));
        } else if (this instanceof ContentRequested requested) {
            requested.content.completeExceptionally(new StoreException(reason));
        } else if (this instanceof VersionRequested requested) {
            requested.draft.completeExceptionally(new StoreException(reason));
        } else if (this instanceof Submitted submitted) {
            submitted.submission.fail(new StoreException(reason));
        }
    }

    /** An event without content. */
    enum Signal implements DocumentEvent {
        /** A caller without a connection needs the document no longer. */
        REFERENCE_ENDED,
        /** A write to the store has ended. */
        WRITE_ENDED,
        /** Time has passed. */
        TICK,
        /** Other servers may have written rows that this server has not merged. */
        ROWS_MISSED,
        /** Messages of other servers may be missing, up to now. */
        RELAY_CONNECTED,
        /** A message to other servers was sent. */
        RELAY_SENT
    }
}
