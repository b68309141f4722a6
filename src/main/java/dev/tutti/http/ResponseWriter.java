package dev.tutti.http;

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
 * The response to one asynchronous request. A thread of the container sends it. The container's buffer takes a short body; it writes a longer one when the
 * client has room for it, so a client that does not read occupies no thread. The container ends the request after its time limit for asynchronous
 * requests.
 *
 * <p>Tomcat ends a request within the event of its last non-blocking write, and does not read from the connection again if the next request is there
 * already and is a handshake. So short answers, the most frequent ones, are written without such events.
 */
final class ResponseWriter implements WriteListener, AsyncListener {
    private static final Logger LOG = System.getLogger(ResponseWriter.class.getName());

    /** Fits into the buffer of a response, which has 8 KiB in Tomcat. */
    static final int MAX_BUFFERED_BYTES = 7_168;

    private final AsyncContext context;
    private final HttpServletResponse response;
    private final Runnable onEnd;

    /** The response was sent, or the time limit was reached. Guarded by this. */
    private boolean ended;

    /** Confined to the container's thread once the response was sent. */
    private byte[] body = {};

    private boolean written;

    /** @param onEnd is called once, when the response was sent or cannot be sent */
    ResponseWriter(AsyncContext context, HttpServletResponse response, Runnable onEnd) {
        this.context = context;
        this.response = response;
        this.onEnd = onEnd;
    }

    /** Sends the response; does not wait for a client that does not read a long one. After the time limit it does nothing. */
    void send(ApiResponse sent) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
        }
        try {
            body = sent.toBytes();
            response.setStatus(sent.status());
            sent.headers().forEach(response::setHeader);
            if (body.length > 0) {
                response.setContentLength(body.length);
            }
            if (body.length <= MAX_BUFFERED_BYTES) {
                write(response.getOutputStream());
                complete();
            } else {
                response.getOutputStream().setWriteListener(this);
            }
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
            write(out); // the container buffers the part that the client has no room for
        }
    }

    private void write(ServletOutputStream out) throws IOException {
        if (body.length > 0) {
            out.write(body);
        } else {
            out.flush(); // without it, GlassFish answers 200 instead of the status
        }
    }

    @Override
    public void onError(Throwable gone) {
        LOG.log(Level.DEBUG, "a client disconnected before it received its response", gone);
        complete();
    }

    private void complete() {
        try {
            context.complete();
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "the container completed this request itself", e);
        }
    }

    /** Ends the request: the client did not read for too long, or the store did not answer. */
    @Override
    public void onTimeout(AsyncEvent event) {
        boolean wasSent;
        synchronized (this) {
            wasSent = ended;
            ended = true;
        }
        if (!wasSent) {
            response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        }
        complete();
    }

    @Override
    public void onError(AsyncEvent event) {
        onError(event.getThrowable());
    }

    @Override
    public void onComplete(AsyncEvent event) {
        onEnd.run();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}
}
