package dev.tutti.hub;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the servers tell each other of the use of their users, so that the limits of a user hold for all servers together. A use counts from a sixteenth
 * of its limit. Safe for any thread; one at a time calls {@link #take}.
 */
public final class UserReports {
    /** In so many reports each user is in one, changed or not: messages to a server may get lost. */
    static final int ROUNDS = 5;

    /** Users in a report; others follow in the next ones. */
    static final int MAX_USERS = 10_000;

    private final Users users;
    private final TimeSource time;
    /** The next report has all users, because a server has come. */
    private final AtomicBoolean hasNewcomer = new AtomicBoolean();
    /** Confined to {@link #take}. */
    private int round;

    UserReports(Users users, TimeSource time) {
        this.users = users;
        this.time = time;
    }

    /** Returns what others must learn. Called once a second. */
    public List<UserUse> take() {
        round = (round + 1) % ROUNDS;
        int turn = round;
        boolean wantsAll = hasNewcomer.getAndSet(false);
        return users.report(
                user -> wantsAll || Math.floorMod(user.hashCode(), ROUNDS) == turn, MAX_USERS, time.nanos());
    }

    /** Tells all in the next report, for a server that has come. */
    public void tellAll() {
        hasNewcomer.set(true);
    }

    /**
     * Learns a part of a report.
     *
     * @param server that has sent it
     */
    public void learn(String server, List<UserUse> uses) {
        users.learn(server, uses, time.nanos());
    }

    /** Counts for this server alone from now on, and tells all anew in the next report. */
    public void forgetOthers() {
        users.forgetOthers();
    }
}
