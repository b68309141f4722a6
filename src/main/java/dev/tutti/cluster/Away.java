package dev.tutti.cluster;

import dev.tutti.security.UnavailableException;

/** The failures of calls while Redis is away. Stateless. */
final class Away {
    private Away() {}

    static UnavailableException toAppend() {
        return new UnavailableException("this room cannot store messages now: try again");
    }

    static UnavailableException toRead() {
        return new UnavailableException("this room cannot be read now: try again");
    }

    static UnavailableException toOthers() {
        return new UnavailableException("the other servers cannot be reached: try again");
    }
}
