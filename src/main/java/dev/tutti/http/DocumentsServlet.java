package dev.tutti.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** {@code /api/documents/*} in a container: holds no thread while the store works. Safe for any thread. */
public final class DocumentsServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private static final Logger LOG = System.getLogger(DocumentsServlet.class.getName());

    private final transient DocumentsApi api;

    /** Answers what the API answers. */
    public DocumentsServlet(DocumentsApi api) {
        this.api = api;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) {
        String path = request.getPathInfo() == null ? "" : request.getPathInfo();
        DocumentsApi.Request asked = new DocumentsApi.Request(
                request.getMethod(), path, request.getHeader("Origin"), request.getHeader("Host"));
        AsyncContext context = request.startAsync();
        var unused = api.answer(asked, request::getParameter).thenAccept(answer -> {
            try {
                send(response, answer);
            } catch (IOException | IllegalStateException e) {
                LOG.log(Level.DEBUG, "who asked about documents went away", e);
            }
            context.complete();
        });
    }

    private static void send(HttpServletResponse response, DocumentsApi.Answer answer) throws IOException {
        response.setStatus(answer.status());
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Content-Type-Options", "nosniff");
        if (!answer.content().isEmpty()) {
            response.setContentType(DocumentsApi.CONTENT_TYPE);
            response.getOutputStream().write(answer.content().getBytes(UTF_8));
        }
    }
}
