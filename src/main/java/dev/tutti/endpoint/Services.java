package dev.tutti.endpoint;

import dev.tutti.document.Documents;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.hocuspocus.HocuspocusConnections;
import dev.tutti.security.Authenticator;
import jakarta.websocket.Session;
import java.util.function.Function;

/**
 * The parts of an application that the endpoints serve. Immutable.
 *
 * @param transports returns the transport of a session that has just been opened; called on the thread that opens it
 */
public record Services(
        Hub hub,
        Documents documents,
        HocuspocusConnections hocuspocus,
        Authenticator authenticator,
        Function<Session, Transport> transports) {}
