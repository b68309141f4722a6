package dev.tutti.standalone;

import dev.tutti.hub.Transport;
import dev.tutti.standalone.guard.LingeringClose;
import jakarta.websocket.Session;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

class TyrusTransportIT extends TransportContract {
    @Override
    Transport make(Session session, Executor closing, ScheduledExecutorService clock) {
        return new TyrusTransport(
                session, Objects.requireNonNull(TyrusFilter.openingConnection()), new LingeringClose(clock), false, "");
    }
}
