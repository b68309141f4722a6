package dev.tutti.cluster;

import dev.tutti.hub.Command;
import dev.tutti.hub.RoomName;
import dev.tutti.security.Revocation;
import dev.tutti.security.Revocation.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Writes and reads commands and revocations. Stateless. */
final class CommandFormat {
    /** The name in Redis of the revocation of all tokens. */
    static final String ALL = "a";

    private static final String OF_USER = "u";
    private static final String OF_TOKEN = "t";

    private static final String REVOKE = "revoke";
    private static final String DISCONNECT = "disconnect";
    private static final String DISCONNECT_CLIENT = "disconnect-client";
    private static final String REAUTHORIZE = "reauthorize";
    private static final String SUBSCRIBE = "subscribe";
    private static final String UNSUBSCRIBE = "unsubscribe";

    private CommandFormat() {}

    /** Returns the name of the command, and its arguments. */
    static List<String> encode(Command command) {
        if (command instanceof Command.Revoke revoke) {
            return List.of(REVOKE, name(revoke.revocation()), Long.toString(millis(revoke.revocation())));
        }
        if (command instanceof Command.Disconnect disconnect) {
            return List.of(DISCONNECT, disconnect.user());
        }
        if (command instanceof Command.DisconnectClient disconnect) {
            return List.of(DISCONNECT_CLIENT, disconnect.client());
        }
        if (command instanceof Command.Reauthorize reauthorize) {
            return List.of(REAUTHORIZE, reauthorize.user());
        }
        if (command instanceof Command.Subscribe subscribe) {
            return List.of(SUBSCRIBE, subscribe.user(), subscribe.room());
        }
        if (command instanceof Command.Unsubscribe unsubscribe) {
            return List.of(UNSUBSCRIBE, unsubscribe.user(), unsubscribe.room());
        }
        throw new AssertionError(command);
    }

    /** @throws FormatException if this version does not understand it */
    static Command decode(List<String> command) {
        String name = command.isEmpty() ? "" : command.get(0);
        List<String> arguments = command.subList(Math.min(1, command.size()), command.size());
        return switch (name) {
            case REVOKE -> new Command.Revoke(revocations(arguments).get(0));
            case DISCONNECT -> new Command.Disconnect(text(arguments, 0));
            case DISCONNECT_CLIENT -> new Command.DisconnectClient(text(arguments, 0));
            case REAUTHORIZE -> new Command.Reauthorize(text(arguments, 0));
            case SUBSCRIBE -> new Command.Subscribe(text(arguments, 0), room(arguments));
            case UNSUBSCRIBE -> new Command.Unsubscribe(text(arguments, 0), room(arguments));
            default -> throw new FormatException("a command '" + name + "'");
        };
    }

    private static String text(List<String> arguments, int index) {
        if (index >= arguments.size() || arguments.get(index).isEmpty()) {
            throw new FormatException("a command without an argument");
        }
        return arguments.get(index);
    }

    private static String room(List<String> arguments) {
        String room = text(arguments, 1);
        if (!RoomName.isValid(room)) {
            throw new FormatException("a command with a room that cannot exist");
        }
        return room;
    }

    /** Returns the name of each revocation in Redis, and its time. */
    static List<String> encode(List<Revocation> revocations) {
        List<String> encoded = new ArrayList<>(2 * revocations.size());
        for (Revocation revocation : revocations) {
            encoded.add(name(revocation));
            encoded.add(Long.toString(millis(revocation)));
        }
        return encoded;
    }

    /**
     * Reads one or more revocations.
     *
     * @throws FormatException if this version does not understand them
     */
    static List<Revocation> revocations(List<String> encoded) {
        if (encoded.isEmpty() || encoded.size() % 2 != 0) {
            throw new FormatException("revocations of " + encoded.size() + " values");
        }
        List<Revocation> revocations = new ArrayList<>(encoded.size() / 2);
        for (int i = 0; i < encoded.size(); i += 2) {
            revocations.add(revocation(encoded.get(i), encoded.get(i + 1)));
        }
        return revocations;
    }

    private static Revocation revocation(String name, String millis) {
        try {
            Instant issuedBefore = Instant.ofEpochMilli(Long.parseLong(millis));
            if (name.equals(ALL)) {
                return new Revocation(Kind.ALL, "", issuedBefore);
            }
            if (name.startsWith(OF_USER)) {
                return new Revocation(Kind.USER, name.substring(1), issuedBefore);
            }
            if (name.startsWith(OF_TOKEN)) {
                return new Revocation(Kind.TOKEN, name.substring(1), issuedBefore);
            }
        } catch (IllegalArgumentException e) {
            throw new FormatException("a malformed revocation");
        }
        throw new FormatException("a revocation of another kind");
    }

    private static String name(Revocation revocation) {
        return switch (revocation.kind()) {
            case ALL -> ALL;
            case USER -> OF_USER + revocation.name();
            case TOKEN -> OF_TOKEN + revocation.name();
        };
    }

    /** Returns the time in milliseconds, rounded up; 0 for times before 1970, which no token has. */
    static long millis(Revocation revocation) {
        Instant issuedBefore = revocation.issuedBefore();
        if (issuedBefore.isBefore(Instant.EPOCH)) {
            return 0;
        }
        long millis = issuedBefore.toEpochMilli();
        return Instant.ofEpochMilli(millis).equals(issuedBefore) ? millis : millis + 1;
    }
}
