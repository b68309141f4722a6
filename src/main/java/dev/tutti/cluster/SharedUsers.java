package dev.tutti.cluster;

import dev.tutti.hub.TimeSource;
import dev.tutti.hub.UserReports;
import dev.tutti.hub.UserUse;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Tells all servers once a second what the users of this one use, by messages on one channel that nobody answers. While Redis is away, each server counts by
 * itself. Safe for any thread; no method blocks.
 */
final class SharedUsers implements Nodes.Observer {
    private static final Logger LOG = System.getLogger(SharedUsers.class.getName());

    private static final long REPORT_NANOS = 1_000_000_000L;

    /** Users of a message. */
    private static final int MAX_USERS = 500;

    /** Of a message: users have long names in attacks alone. */
    private static final int MAX_BYTES = 1 << 20;

    /** UTF-16 units of the names of a message. */
    private static final int MAX_LENGTH = 100_000;

    private static final int WIDTH = 6;

    /** Of this server; no other one has it. */
    private final String server = Long.toString(new SecureRandom().nextLong(), Character.MAX_RADIX);

    private final String channel;
    private final Nodes nodes;
    private final TimeSource time;
    /** A message that this version does not understand has been logged. */
    private final AtomicBoolean isLogged = new AtomicBoolean();

    /** Null until {@link #serve}. */
    private volatile @Nullable UserReports reports;

    // Confined to the clock.
    /** The connection of the last report. */
    private @Nullable Redis reportedTo;

    private long reportNanos;

    SharedUsers(String prefix, Nodes nodes, TimeSource time) {
        this.channel = nodes.serversPrefix(prefix) + ":users";
        this.nodes = nodes;
        this.time = time;
    }

    /** Begins. */
    void serve(UserReports own) {
        reports = own;
    }

    /** Handles a tick of the clock: sends a report when it is time. */
    void tick() {
        UserReports own = reports;
        Redis redis = nodes.of(Nodes.SERVERS);
        long now = time.nanos();
        if (own == null || (redis == reportedTo && now - reportNanos < REPORT_NANOS)) {
            return;
        }
        if (redis != reportedTo) {
            own.forgetOthers();
            reportedTo = redis;
            if (redis != null) {
                publish(redis, List.of()); // so that the others tell all
            }
        }
        if (redis != null) {
            reportNanos = now;
            send(redis, own.take());
        }
    }

    private void send(Redis redis, List<UserUse> uses) {
        List<String> values = new ArrayList<>();
        int length = 0;
        for (UserUse use : uses) {
            if (values.size() >= MAX_USERS * WIDTH || length + use.user().length() > MAX_LENGTH) {
                publish(redis, values);
                values = new ArrayList<>();
                length = 0;
            }
            length += use.user().length();
            values.add(use.user());
            values.add(Integer.toString(use.connections()));
            values.add(Integer.toString(use.rooms()));
            values.add(Integer.toString(use.documents()));
            values.add(Long.toString(use.messages()));
            values.add(Long.toString(use.bytes()));
        }
        if (!values.isEmpty()) {
            publish(redis, values);
        }
    }

    private void publish(Redis redis, List<String> values) {
        try {
            var unused = redis.publish(channel, new ServerMessage(server, 0, values).encode())
                    .exceptionally(failure -> {
                        nodes.refused(Nodes.SERVERS, failure);
                        return 0L;
                    });
        } catch (RuntimeException e) { // from the client for Redis
            nodes.refused(Nodes.SERVERS, e);
        }
    }

    @Override
    public void connected(Redis redis, Set<Integer> parts) {
        if (parts.contains(Nodes.SERVERS)) {
            var unused = redis.subscribe(channel);
        }
    }

    @Override
    public void disconnected(Set<Integer> parts) {
        // the next tick notices it
    }

    @Override
    public void received(String from, byte[] message) {
        UserReports own = reports;
        if (own == null || !from.equals(channel)) {
            return;
        }
        try {
            if (message.length > MAX_BYTES) {
                throw new FormatException("a message of " + message.length + " bytes");
            }
            ServerMessage decoded = ServerMessage.decode(message);
            if (decoded.server().equals(server)) {
                return;
            }
            if (decoded.values().isEmpty()) {
                own.tellAll();
            } else {
                own.learn(decoded.server(), decode(decoded.values()));
            }
        } catch (FormatException e) {
            if (!isLogged.getAndSet(true)) {
                LOG.log(
                        Level.WARNING,
                        "limits of users do not count another server, such as one of another version: {0}",
                        e.getMessage());
            }
        }
    }

    private static List<UserUse> decode(List<String> values) {
        if (values.size() % WIDTH != 0) {
            throw new FormatException("a report of " + values.size() + " values");
        }
        List<UserUse> uses = new ArrayList<>(values.size() / WIDTH);
        for (int i = 0; i < values.size(); i += WIDTH) {
            uses.add(new UserUse(
                    values.get(i),
                    (int) count(values.get(i + 1), Integer.MAX_VALUE),
                    (int) count(values.get(i + 2), Integer.MAX_VALUE),
                    (int) count(values.get(i + 3), Integer.MAX_VALUE),
                    count(values.get(i + 4), Long.MAX_VALUE),
                    count(values.get(i + 5), Long.MAX_VALUE)));
        }
        return uses;
    }

    private static long count(String text, long max) {
        return Math.max(0, Math.min(max, ScriptAnswers.number(text)));
    }
}
