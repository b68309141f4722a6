package dev.tutti.webapp;

import java.io.IOException;

/** A server for browser windows that can stop and restart on its port. */
interface SiteServer {
    /** Starts the server, the first time on any port, then on the same one. */
    void start() throws IOException;

    int port();

    /** Stops the server if it runs. */
    void stop();
}
