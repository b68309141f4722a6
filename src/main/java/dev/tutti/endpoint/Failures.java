package dev.tutti.endpoint;

import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Faults;
import jakarta.websocket.Session;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** What an endpoint does about an error: tells a peer that went away from a fault of ours. Stateless. */
final class Failures {
    private static final Logger LOG = System.getLogger(Failures.class.getName());

    private Failures() {}

    /** Closes the session if its peer or we are at fault, and logs what an operator should know. */
    static void handle(Session session, Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                LOG.log(Level.DEBUG, "the peer of session " + session.getId() + " went away", error);
                return;
            }
        }
        if (!session.isOpen() && !(error instanceof Error)) {
            LOG.log(Level.DEBUG, "session " + session.getId() + " ended", error);
            return;
        }
        Faults.report(LOG, "session " + session.getId() + " failed", error);
        SessionRegistry.close(session, CloseCode.INTERNAL, "the server failed");
    }
}
