package dev.tutti.endpoint;

/** A request that cannot be carried out; tells the problem and, as its message, why. */
final class RequestException extends Exception {
    private static final long serialVersionUID = 1;

    private final Problem problem;

    RequestException(Problem problem, String why) {
        super(why, null, false, false);
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }
}
