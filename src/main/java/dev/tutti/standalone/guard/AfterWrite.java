package dev.tutti.standalone.guard;

import org.glassfish.grizzly.CompletionHandler;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.WriteResult;
import org.jspecify.annotations.Nullable;

/** A completion handler that runs an action after a successful write, then calls the next handler. As thread-safe as these two. */
@SuppressWarnings("rawtypes") // as in Grizzly's filter chain
final class AfterWrite<M, A> extends EmptyCompletionHandler<WriteResult<M, A>> {
    private final Runnable action;
    private final @Nullable CompletionHandler next;

    /**
     * Makes a handler.
     *
     * @param action runs only after success
     * @param next gets every outcome; null for none
     */
    AfterWrite(Runnable action, @Nullable CompletionHandler next) {
        this.action = action;
        this.next = next;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void completed(WriteResult<M, A> result) {
        action.run();
        if (next != null) {
            next.completed(result);
        }
    }

    @Override
    public void failed(Throwable failure) {
        if (next != null) {
            next.failed(failure);
        }
    }

    @Override
    public void cancelled() {
        if (next != null) {
            next.cancelled();
        }
    }
}
