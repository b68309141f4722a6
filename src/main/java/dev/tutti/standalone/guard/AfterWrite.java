package dev.tutti.standalone.guard;

import org.glassfish.grizzly.CompletionHandler;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.WriteResult;
import org.jspecify.annotations.Nullable;

/** Does something when a write is done, and passes on how it ended. As safe as what it calls. */
@SuppressWarnings("rawtypes") // as in Grizzly's filter chain
final class AfterWrite<M, A> extends EmptyCompletionHandler<WriteResult<M, A>> {
    private final Runnable then;
    private final @Nullable CompletionHandler next;

    /** Makes a handler that calls {@code then} after a good write, and {@code next} in any case. */
    AfterWrite(Runnable then, @Nullable CompletionHandler next) {
        this.then = then;
        this.next = next;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void completed(WriteResult<M, A> result) {
        then.run();
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
