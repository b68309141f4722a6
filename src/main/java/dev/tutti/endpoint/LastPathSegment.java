package dev.tutti.endpoint;

import java.net.URI;

/** The name at the end of a path. A {@code @PathParam} is no substitute: Tyrus lets a query parameter of that name replace it. Stateless. */
final class LastPathSegment {
    private LastPathSegment() {}

    /** Returns the last segment of a request's path, decoded. */
    static String of(URI request) {
        String path = request.getRawPath();
        String segment = path.substring(path.lastIndexOf('/'));
        return URI.create(segment).getPath().substring(1);
    }
}
