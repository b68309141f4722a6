package dev.tutti.hub;

import dev.tutti.settings.Setting;

/** The limits of each peer and of all together, each with its unit and default; 0 means no limit. Immutable. */
public record Limits(
        @Setting(
                value = "0",
                help = "bytes of memory that all peers together may use; 0: half of the heap",
                max = Long.MAX_VALUE)
        long memoryBudget,

        @Setting(value = "65536", help = "bytes of one message, in UTF-8", max = 1 << 24)
        int maxMessageBytes,

        @Setting(value = "4194304", help = "bytes of one message to a document", max = 1 << 26)
        int maxUpdateBytes,

        @Setting(value = "200", help = "messages a second from one client, on average")
        int maxMessagesPerSecond,

        @Setting(value = "1000", help = "messages that one client may send at once", min = 1)
        int maxMessageBurst,

        @Setting(
                value = "16777216",
                help = "bytes a second that the server reads from one address (standalone); faster senders wait")
        int maxBytesPerSecond,

        @Setting(value = "1048576", help = "bytes that may wait for a slow client")
        int maxQueuedBytes,

        @Setting(value = "10", help = "seconds that one send may take", max = 3600)
        int maxSendSeconds,

        @Setting(value = "16777216", help = "bytes that may wait in one room for delivery")
        int maxRoomQueuedBytes,

        @Setting(value = "50000", help = "connections in all")
        int maxConnections,

        @Setting(value = "2000", help = "connections from one address")
        int maxConnectionsPerAddress,

        @Setting(value = "2000", help = "connections of one user with a name by a container or a token")
        int maxConnectionsPerUser,

        @Setting(value = "10000", help = "memberships in rooms of one user, of all connections together")
        int maxRoomsPerUser,

        @Setting(value = "5000", help = "open documents of one user, of all connections together")
        int maxDocumentsPerUser,

        @Setting(value = "2000", help = "messages a second of one user, on average; five seconds of them at once")
        int maxMessagesPerSecondPerUser,

        @Setting(
                value = "33554432",
                help = "bytes a second of one user's messages, on average; five seconds of them at once")
        int maxBytesPerSecondPerUser,

        @Setting(value = "50000", help = "clients in one room")
        int maxClientsPerRoom,

        @Setting(value = "100000", help = "rooms in all") int maxRooms,

        @Setting(value = "100", help = "rooms of one client")
        int maxRoomsPerClient,

        @Setting(value = "8192", help = "bytes of one client's presence states in all its rooms together")
        int maxStateBytes,

        @Setting(value = "500", help = "members of a room up to which they are listed; larger rooms only count them")
        int maxListedClients,

        @Setting(
                value = "*=300/1048576/600",
                help =
                        "history of rooms: pattern=count/bytes/seconds or pattern=0, with commas; the first match counts")
        HistoryRules history,

        @Setting(value = "67108864", help = "bytes of the histories of all rooms together")
        int maxHistoryBytes,

        @Setting(value = "33554432", help = "bytes of one document")
        int maxDocumentBytes,

        @Setting(
                value = "1000000",
                help = "stored documents; beyond that, clients can open documents, but not create them")
        int maxDocuments,

        @Setting(
                value = "30",
                help = "days that a deleted document stays in the trash; 0: it is removed at once",
                max = 36_500)
        int trashDays,

        @Setting(value = "1000", help = "documents in the trash; beyond that, the oldest are removed")
        int maxTrashDocuments,

        @Setting(
                value = "1073741824",
                help =
                        "bytes of the trash, and 8 MiB at most if documents are in memory; beyond that, the oldest are removed",
                max = Long.MAX_VALUE)
        long maxTrashBytes,

        @Setting(
                value = "15",
                help = "minutes of work after which the server keeps a version of a document; 0: never",
                max = 1_440)
        int versionMinutes,

        @Setting(value = "100", help = "versions of one document; beyond that, the oldest automatic ones are removed")
        int maxDocumentVersions,

        @Setting(
                value = "67108864",
                help = "bytes of the versions of one document; beyond that, the oldest automatic ones are removed",
                max = Long.MAX_VALUE)
        long maxDocumentVersionBytes,

        @Setting(
                value = "1073741824",
                help =
                        "bytes of the versions of all documents, and 8 MiB at most if documents are in memory; beyond that, the oldest automatic ones are removed",
                max = Long.MAX_VALUE)
        long maxVersionBytes,

        @Setting(value = "10", help = "seconds that a handshake may take (standalone)", max = 3600)
        int handshakeSeconds,

        @Setting(value = "25", help = "seconds of silence after which a client is pinged", max = 3600)
        int pingSeconds,

        @Setting(value = "10", help = "seconds to answer a ping; then the client is closed", min = 1, max = 3600)
        int pongSeconds,

        @Setting(
                value = "15",
                help = "seconds after which a vanished tutti.v1 client has left; 0: by the two settings above",
                max = 3600)
        int vanishedSeconds) {

    private static final long NANOS = 1_000_000_000L;

    /** Factor of the time limit for sends to clients that catch up instead of being closed: such a page may be in a sleeping tab. */
    private static final int CATCH_UP_SEND_FACTOR = 6;

    /** Returns the time limit for one send; 0 for none. */
    long maxSendNanos(Protocol protocol) {
        return maxSendSeconds * NANOS * (protocol.supportsCatchUp() ? CATCH_UP_SEND_FACTOR : 1);
    }

    /** Returns the seconds of silence after which a client that receives presence is pinged; 0 for never. */
    public int presencePingSeconds() {
        return (int) (pingNanos(true) / NANOS);
    }

    /** Returns the silence after which a client is pinged; 0 for never. */
    long pingNanos(boolean receivesPresence) {
        return receivesPresence && vanishedSeconds != 0 ? vanishedNanos() * 3 / 5 : pingSeconds * NANOS;
    }

    /** Returns the time to answer a ping. */
    long pongNanos(boolean receivesPresence) {
        return receivesPresence && vanishedSeconds != 0 ? vanishedNanos() * 2 / 5 : pongSeconds * NANOS;
    }

    /** One second less than the setting: the clock may be half a second late for the ping, and again for its timeout. */
    private long vanishedNanos() {
        return Math.max(1, vanishedSeconds - 1) * NANOS;
    }
}
