package dev.tutti.security;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An action on a room, a document or the server that needs a right. Immutable. */
public enum Action {
    /** To join a room and receive its publications and its history; to open a document and receive its content. */
    READ,
    /** To publish in a room; to change a document. */
    WRITE,
    /** To see the people of a room or a document, and to be seen by them. */
    PRESENCE,
    /** To list and delete documents; to delete the history of a room. */
    MANAGE,
    /** To disconnect users, to revoke their tokens, and to see the activity of the server. The server alone has something to administer. */
    ADMIN;

    /** Returns the word for this action in rules, tokens and answers. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the action of a {@link #word}; null if there is none. */
    public static @Nullable Action ofWord(String word) {
        for (Action action : values()) {
            if (action.word().equals(word)) {
                return action;
            }
        }
        return null;
    }
}
