package dev.tutti.hub;

/** Why a client is no longer in a room. Immutable. */
public enum Removal {
    /** It has lost the right to read the room. */
    FORBIDDEN("this user may no longer be in this room"),
    /** Its right to presence is another one: it may join again at once. */
    REJOIN("the rights of this user have changed"),
    /** The server has missed publications of the room: the client may join again at once. */
    LOST("the server has missed messages of this room"),
    /** The application has ended the subscription. */
    UNSUBSCRIBED("the server has ended this subscription");

    private final String reason;

    Removal(String reason) {
        this.reason = reason;
    }

    /** Returns the reason, for people. */
    public String reason() {
        return reason;
    }
}
