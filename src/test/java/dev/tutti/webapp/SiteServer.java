package dev.tutti.webapp;

import java.io.IOException;

/** A server that windows are open on. It can go away, and come back to its port. */
interface SiteServer {
    /** Starts the server: anywhere the first time, then where it was. */
    void start() throws IOException;

    int port();

    /** Ends the server, if it is there. */
    void stop();
}
