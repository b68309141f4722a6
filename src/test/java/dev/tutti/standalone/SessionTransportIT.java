package dev.tutti.standalone;

import dev.tutti.endpoint.PendingCloses;
import dev.tutti.endpoint.SessionTransport;
import dev.tutti.hub.Transport;
import jakarta.websocket.Session;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

class SessionTransportIT extends TransportContract {
    @Override
    Transport make(Session session, Executor closing, ScheduledExecutorService clock) {
        return new SessionTransport(session, closing, new PendingCloses(closing));
    }
}
