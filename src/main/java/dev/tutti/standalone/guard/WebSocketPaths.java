package dev.tutti.standalone.guard;

import dev.tutti.hub.RoomName;
import jakarta.websocket.server.ServerEndpoint;
import java.util.Collection;
import java.util.List;

/** The path templates of the WebSocket endpoints. Immutable. */
public final class WebSocketPaths {
    private final List<List<String>> templates;

    private WebSocketPaths(List<List<String>> templates) {
        this.templates = templates;
    }

    /** Returns the paths of classes annotated with {@link ServerEndpoint}. */
    static WebSocketPaths of(Collection<Class<?>> endpoints) {
        return new WebSocketPaths(endpoints.stream()
                .map(endpoint -> endpoint.getAnnotation(ServerEndpoint.class).value())
                .map(WebSocketPaths::segments)
                .toList());
    }

    /** Returns the segments of a path that begins with a slash. */
    public static List<String> segments(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /**
     * Returns whether a path in decoded segments matches an endpoint.
     *
     * @throws HttpErrorException if it matches with an invalid room name
     */
    boolean contains(List<String> segments) throws HttpErrorException {
        for (List<String> template : templates) {
            if (matches(template, segments)) {
                checkRoom(template, segments);
                return true;
            }
        }
        return false;
    }

    /** Returns whether a path matches a template, whose parameter segments start with a brace. */
    public static boolean matches(List<String> template, List<String> segments) {
        if (template.size() != segments.size()) {
            return false;
        }
        for (int i = 0; i < template.size(); i++) {
            if (!template.get(i).startsWith("{") && !template.get(i).equals(segments.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static void checkRoom(List<String> template, List<String> segments) throws HttpErrorException {
        int last = template.size() - 1;
        if (template.get(last).startsWith("{") && !RoomName.isValid(segments.get(last))) {
            throw HttpErrorException.badRequest(RoomName.NO_NAME);
        }
    }
}
