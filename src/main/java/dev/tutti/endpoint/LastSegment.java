package dev.tutti.endpoint;

import java.net.URI;

/** The name at the end of a path. A path parameter would do, did Tyrus not let query parameters of that name replace it. Stateless. */
final class LastSegment {
    private LastSegment() {}

    /** Returns the last segment of a request's path, decoded. */
    static String of(URI request) {
        String path = request.getRawPath();
        String segment = path.substring(path.lastIndexOf('/'));
        return URI.create(segment).getPath().substring(1);
    }
}
