package classic;

import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.Session;
import jakarta.websocket.server.PathParam;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The broadcast hub of the tutorials: a synchronized set of sessions, and a loop of blocking sends. */
@ServerEndpoint("/ws/{room}")
public class ClassicEndpoint {
    private static final int MAX_MESSAGE_BYTES = 65536;

    private static final Map<String, Set<Session>> rooms = new ConcurrentHashMap<>();

    @OnOpen
    public void open(Session session, @PathParam("room") String room) {
        session.setMaxTextMessageBufferSize(MAX_MESSAGE_BYTES);
        rooms.computeIfAbsent(room, name -> Collections.synchronizedSet(new HashSet<>()))
                .add(session);
    }

    @OnMessage(maxMessageSize = MAX_MESSAGE_BYTES)
    public void message(String message, @PathParam("room") String room) {
        Set<Session> sessions = rooms.get(room);
        synchronized (sessions) {
            for (Session session : sessions) {
                try {
                    session.getBasicRemote().sendText(message);
                } catch (IOException | IllegalStateException e) {
                    // closed or closing; @OnClose follows
                }
            }
        }
    }

    @OnClose
    public void close(Session session, @PathParam("room") String room) {
        rooms.get(room).remove(session);
    }

    @OnError
    public void error(Throwable error) {
        // @OnClose follows
    }
}
