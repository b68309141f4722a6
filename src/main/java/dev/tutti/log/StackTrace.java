package dev.tutti.log;

/** The text of a failure, like the JDK's, but each message is on one line: it cannot pass for a frame or for a line of the log. Stateless. */
final class StackTrace {
    /** Bound of causes and suppressed failures, which may form a cycle. */
    private static final int MAX_FAILURES = 20;

    private final StringBuilder text = new StringBuilder();
    private int failures;

    private StackTrace() {}

    /** Returns lines that end with a line feed. */
    static String of(Throwable failure) {
        StackTrace trace = new StackTrace();
        trace.append("", failure, new StackTraceElement[0]);
        return trace.text.toString();
    }

    private void append(String caption, Throwable failure, StackTraceElement[] enclosing) {
        if (failures++ >= MAX_FAILURES) {
            return;
        }
        text.append(caption).append(Escapes.oneLine(failure.toString())).append('\n');
        StackTraceElement[] frames = failure.getStackTrace();
        int common = common(frames, enclosing);
        for (int i = 0; i < frames.length - common; i++) {
            text.append("\tat ").append(frames[i]).append('\n');
        }
        if (common > 0) {
            text.append("\t... ").append(common).append(" more\n");
        }
        for (Throwable suppressed : failure.getSuppressed()) {
            append("Suppressed: ", suppressed, frames);
        }
        if (failure.getCause() != null) {
            append("Caused by: ", failure.getCause(), frames);
        }
    }

    /** Returns the number of last frames that two traces share. */
    private static int common(StackTraceElement[] a, StackTraceElement[] b) {
        int count = 0;
        while (count < a.length && count < b.length && a[a.length - 1 - count].equals(b[b.length - 1 - count])) {
            count++;
        }
        return count;
    }
}
