package dev.tutti.endpoint;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Faults;
import dev.tutti.log.LogSubject;
import jakarta.websocket.Session;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Handles the errors of sessions: a connection that broke is normal, everything else is a fault of the server. Stateless. */
final class SessionErrors {
    private static final Logger LOG = System.getLogger(SessionErrors.class.getName());

    private SessionErrors() {}

    /** Logs an error for the operator; closes the session if the server is at fault. */
    static void handle(Session session, Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                subject(session)
                        .log(LOG, Level.DEBUG, "the peer of session " + session.getId() + " disconnected", error);
                return;
            }
        }
        if (!session.isOpen() && !(error instanceof Error)) {
            subject(session).log(LOG, Level.DEBUG, "session " + session.getId() + " ended", error);
            return;
        }
        Faults.report(LOG, subject(session), "session " + session.getId() + " failed", error);
        SessionRegistry.close(session, CloseCode.INTERNAL, "the server failed");
    }

    private static LogSubject subject(Session session) {
        Client client = SessionRegistry.find(session);
        return client == null ? LogSubject.NONE : client.subject();
    }
}
