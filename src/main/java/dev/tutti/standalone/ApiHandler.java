package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.http.DocumentsApi;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;

/** Serves {@code /api} on Grizzly. Immutable. */
final class ApiHandler extends HttpHandler {
    /** The path that this handler serves. */
    static final String PATH = "/" + DocumentsApi.ROOT;

    private final DocumentsApi api;

    ApiHandler(DocumentsApi api) {
        this.api = api;
    }

    @Override
    public void service(Request request, Response response) {
        DocumentsApi.Request apiRequest = new DocumentsApi.Request(
                request.getMethod().getMethodString(),
                request.getRequestURI(),
                "",
                request.getHeader("Origin"),
                request.getHeader("Host"));
        DocumentsApi.Query query = request::getParameter;
        Responses.sendResult(response, api.answer(apiRequest, query), answer -> {
            response.setStatus(answer.status());
            response.setHeader("Cache-Control", "no-store");
            response.setHeader("X-Content-Type-Options", "nosniff");
            if (!answer.content().isEmpty()) {
                response.setContentType(DocumentsApi.CONTENT_TYPE);
            }
            return answer.content().getBytes(UTF_8);
        });
    }
}
