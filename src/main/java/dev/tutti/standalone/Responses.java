package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.glassfish.grizzly.IOEvent;
import org.glassfish.grizzly.WriteHandler;
import org.glassfish.grizzly.http.io.NIOOutputStream;
import org.glassfish.grizzly.http.server.Response;
import org.glassfish.grizzly.memory.Buffers;

/**
 * Sends responses on a selector thread without blocking it: the thread serves other connections as well. Stateless.
 *
 * <p>Grizzly does not read a connection while its response waits, because its chain cannot accept input while it holds a pipelined request.
 */
final class Responses {
    private Responses() {}

    /** Sends a status and a line of ASCII. */
    static void send(Response response, int status, String type, String line) throws IOException {
        response.setStatus(status);
        response.setContentType(type);
        response.setHeader("X-Content-Type-Options", "nosniff");
        send(response, (line + "\n").getBytes(US_ASCII));
    }

    /** Sends a body as soon as the connection's write queue has room. */
    static void send(Response response, byte[] body) throws IOException {
        response.setContentLength(body.length);
        NIOOutputStream out = response.getNIOOutputStream();
        if (out.canWrite()) {
            write(out, body);
        } else {
            suspend(response);
            resumeWith(response, body);
        }
    }

    /**
     * Sends the result of a stage that must not fail.
     *
     * @param start starts the stage, and the reading of a body that has not arrived
     * @param respond sets status and fields of the response, and returns its body
     */
    static <T> void sendResult(Response response, Supplier<CompletionStage<T>> start, Function<T, byte[]> respond) {
        suspend(response);
        var unused = start.get()
                .thenAccept(result -> response.getRequest()
                        .getContext()
                        .getConnection()
                        .executeInEventThread(IOEvent.READ, () -> {
                            byte[] body = respond.apply(result);
                            response.setContentLength(body.length);
                            resumeWith(response, body);
                        }));
    }

    private static void suspend(Response response) {
        response.suspend();
        response.getRequest().getContext().suspend(); // stops the reading; suspending the response alone does not
    }

    private static void resumeWith(Response response, byte[] body) {
        NIOOutputStream out = response.getNIOOutputStream();
        out.notifyCanWrite(new WriteHandler() {
            @Override
            public void onWritePossible() throws IOException {
                write(out, body);
                response.resume();
            }

            @Override
            public void onError(Throwable failure) {
                response.resume();
            }
        });
    }

    /** Writes all at once: Grizzly queues one write whole; a second could block. */
    private static void write(NIOOutputStream out, byte[] body) throws IOException {
        out.write(Buffers.wrap(null, body));
    }
}
