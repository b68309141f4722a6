package dev.tutti.endpoint;

import dev.tutti.hub.Client;

/**
 * That by which a user is signed in, and with which the connections of the user end. Without servlets, which the standalone server lacks.
 * Implementations are safe for any thread.
 */
interface Login {
    /** Of users who are not signed in, or whose login has no end of its own. */
    Login NONE = new Login() {
        @Override
        public void connected(Client client) {}

        @Override
        public void disconnected(Client client) {}
    };

    /** Closes a client when the login ends; at once if it has ended. */
    void connected(Client client);

    /** A client has ended. */
    void disconnected(Client client);
}
