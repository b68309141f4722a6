package com.example.desk;

/**
 * A task of a team. Immutable.
 *
 * @param version grows with each change, so that a page knows the newer one of two
 */
public record Task(int id, String title, boolean done, int version) {
    /** What a user may choose of a task. */
    public record Draft(String title, boolean done) {
        private static final int MAX_LENGTH = 200;

        boolean isValid() {
            return title != null && !title.isBlank() && title.length() <= MAX_LENGTH;
        }
    }

    static Task first(int id, Draft draft) {
        return new Task(id, draft.title(), draft.done(), 1);
    }

    Task changed(Draft draft) {
        return new Task(id, draft.title(), draft.done(), version + 1);
    }
}
