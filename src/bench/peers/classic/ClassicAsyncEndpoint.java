package classic;

import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.Session;
import jakarta.websocket.server.PathParam;
import jakarta.websocket.server.ServerEndpoint;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The other broadcast hub of the tutorials: a concurrent set of sessions, and an asynchronous send to each. Tyrus queues these
 * sends without a bound; Tomcat refuses the second one.
 */
@ServerEndpoint("/async/{room}")
public class ClassicAsyncEndpoint {
    private static final int MAX_MESSAGE_BYTES = 65536;

    private static final Map<String, Set<Session>> rooms = new ConcurrentHashMap<>();

    @OnOpen
    public void open(Session session, @PathParam("room") String room) {
        session.setMaxTextMessageBufferSize(MAX_MESSAGE_BYTES);
        rooms.computeIfAbsent(room, name -> ConcurrentHashMap.newKeySet()).add(session);
    }

    @OnMessage(maxMessageSize = MAX_MESSAGE_BYTES)
    public void message(String message, @PathParam("room") String room) {
        for (Session session : rooms.get(room)) {
            if (session.isOpen()) {
                try {
                    session.getAsyncRemote().sendText(message);
                } catch (IllegalStateException e) {
                    // closed meanwhile; @OnClose follows
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
