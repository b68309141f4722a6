package dev.tutti.hub;

import dev.tutti.settings.Setting;

/** What one peer, and all together, may cost: each with its unit and default; 0 means no limit. Immutable. */
public record Limits(
        @Setting(
                value = "0",
                help = "bytes of memory that all peers together can make the server keep; 0: half of the heap",
                max = Long.MAX_VALUE)
        long memoryBudget,

        @Setting(value = "65536", help = "bytes of one message, in UTF-8", max = 1 << 24)
        int maxMessageBytes,

        @Setting(value = "4194304", help = "bytes of one message to a document", max = 1 << 26)
        int maxUpdateBytes,

        @Setting(value = "200", help = "messages a second from one client, on average")
        int maxMessagesPerSecond,

        @Setting(value = "1000", help = "messages from one client that may come at once", min = 1)
        int maxMessageBurst,

        @Setting(value = "1048576", help = "bytes that may wait for a client that reads slowly")
        int maxQueuedBytes,

        @Setting(value = "10", help = "seconds that one send may take", max = 3600)
        int maxSendSeconds,

        @Setting(value = "16777216", help = "bytes that may wait in one room to be sent on")
        int maxRoomQueuedBytes,

        @Setting(value = "50000", help = "connections in all")
        int maxConnections,

        @Setting(value = "2000", help = "connections from one address")
        int maxConnectionsPerAddress,

        @Setting(value = "50000", help = "clients in one room")
        int maxClientsPerRoom,

        @Setting(value = "100000", help = "rooms in all") int maxRooms,

        @Setting(value = "100", help = "rooms that one client is in")
        int maxRoomsPerClient,

        @Setting(value = "8192", help = "bytes of presence state that one client shows, in all its rooms together")
        int maxStateBytes,

        @Setting(value = "500", help = "clients in a room whose members are listed; in larger ones they are counted")
        int maxListedClients,

        @Setting(
                value = "*=300/1048576/600",
                help = "what rooms remember: pattern=count/bytes/seconds or pattern=0, with commas; the first counts")
        HistoryRules history,

        @Setting(value = "67108864", help = "bytes that all rooms together remember")
        int maxHistoryBytes,

        @Setting(value = "33554432", help = "bytes of one document")
        int maxDocumentBytes,

        @Setting(value = "1000000", help = "documents that are stored; others are opened, and not begun")
        int maxDocuments,

        @Setting(value = "10", help = "seconds that a handshake may take (standalone)", max = 3600)
        int handshakeSeconds,

        @Setting(value = "25", help = "seconds of silence after which a client is asked for a sign of life", max = 3600)
        int pingSeconds,

        @Setting(value = "10", help = "seconds it has to answer; then it is gone", min = 1, max = 3600)
        int pongSeconds,

        @Setting(
                value = "15",
                help = "seconds after which a vanished tutti.v1 client has left; 0: by the two above",
                max = 3600)
        int vanishedSeconds) {

    private static final long NANOS = 1_000_000_000L;

    long maxSendNanos() {
        return maxSendSeconds * NANOS;
    }

    /** Returns after how many seconds of silence a client that hears presence is asked for a sign of life; 0 for never. */
    public int presencePingSeconds() {
        return (int) (pingNanos(true) / NANOS);
    }

    /** Returns after how long a silence a client is asked for a sign of life; 0 for never. */
    long pingNanos(boolean receivesPresence) {
        return receivesPresence && vanishedSeconds != 0 ? vanishedNanos() * 3 / 5 : pingSeconds * NANOS;
    }

    /** Returns how long it then has to give one. */
    long pongNanos(boolean receivesPresence) {
        return receivesPresence && vanishedSeconds != 0 ? vanishedNanos() * 2 / 5 : pongSeconds * NANOS;
    }

    /** Both may be noticed half a second late, by the clock. */
    private long vanishedNanos() {
        return Math.max(1, vanishedSeconds - 1) * NANOS;
    }
}
