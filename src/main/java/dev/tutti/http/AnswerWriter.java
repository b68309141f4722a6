package dev.tutti.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * The answer to one asynchronous request. It is given by any thread, and written by the container's when the client has room for it, so
 * that a client that does not read keeps nobody waiting; the container ends it after its time for asynchronous requests.
 */
final class AnswerWriter implements WriteListener, AsyncListener {
    private static final Logger LOG = System.getLogger(AnswerWriter.class.getName());

    private final AsyncContext context;
    private final HttpServletResponse response;

    /** The answer was given, or comes too late. Guarded by this. */
    private boolean answered;

    /** Confined to the container's thread, after the answer was given. */
    private byte[] content = {};

    private boolean written;

    AnswerWriter(AsyncContext context, HttpServletResponse response) {
        this.context = context;
        this.response = response;
    }

    /** Gives the answer; returns at once. */
    void send(DocumentsApi.Answer answer) {
        synchronized (this) {
            if (answered) {
                return;
            }
            answered = true;
        }
        try {
            content = answer.content().getBytes(UTF_8);
            response.setStatus(answer.status());
            response.setHeader("Cache-Control", "no-store");
            response.setHeader("X-Content-Type-Options", "nosniff");
            if (content.length > 0) {
                response.setContentType(DocumentsApi.CONTENT_TYPE);
                response.setContentLength(content.length);
            }
            response.getOutputStream().setWriteListener(this);
        } catch (IOException | IllegalStateException e) {
            onError(e);
        }
    }

    @Override
    public void onWritePossible() throws IOException {
        ServletOutputStream out = response.getOutputStream();
        while (out.isReady()) {
            if (written) {
                context.complete();
                return;
            }
            written = true;
            if (content.length > 0) {
                out.write(content); // the container keeps what the client has no room for
            } else {
                out.flush(); // else GlassFish answers 200, whatever the status is
            }
        }
    }

    @Override
    public void onError(Throwable gone) {
        LOG.log(Level.DEBUG, "a client went away before it had its answer", gone);
        try {
            context.complete();
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "the container has completed this request itself", e);
        }
    }

    /** The client did not read for too long, or the store did not answer. */
    @Override
    public void onTimeout(AsyncEvent event) {
        boolean late;
        synchronized (this) {
            late = answered;
            answered = true;
        }
        if (!late) {
            response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        }
        context.complete();
    }

    @Override
    public void onError(AsyncEvent event) {
        onError(event.getThrowable());
    }

    @Override
    public void onComplete(AsyncEvent event) {}

    @Override
    public void onStartAsync(AsyncEvent event) {}
}
