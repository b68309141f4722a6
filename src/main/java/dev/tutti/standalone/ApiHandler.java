package dev.tutti.standalone;

import dev.tutti.http.DocumentsApi;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;

/** {@code /api} without a container. Immutable. */
final class ApiHandler extends HttpHandler {
    /** Where this is. */
    static final String PATH = "/" + DocumentsApi.ROOT;

    private final DocumentsApi api;

    ApiHandler(DocumentsApi api) {
        this.api = api;
    }

    @Override
    public void service(Request request, Response response) throws Exception {
        DocumentsApi.Request asked = new DocumentsApi.Request(
                request.getMethod().getMethodString(),
                request.getRequestURI(),
                "",
                request.getHeader("Origin"),
                request.getHeader("Host"));
        DocumentsApi.Query query = request::getParameter;
        response.suspend();
        var unused = api.answer(asked, query).thenAccept(answer -> {
            response.setStatus(answer.status());
            response.setHeader("Cache-Control", "no-store");
            WebPages.resumeWith(response, DocumentsApi.CONTENT_TYPE, answer.content());
        });
    }
}
