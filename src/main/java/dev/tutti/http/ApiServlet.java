package dev.tutti.http;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/** {@code /api/*} in a container: holds no thread while the store works or the client reads. Safe for any thread. */
public final class ApiServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private final transient DocumentsApi api;

    /** Answers what the API answers. */
    public ApiServlet(DocumentsApi api) {
        this.api = api;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) {
        DocumentsApi.Request asked = new DocumentsApi.Request(
                request.getMethod(),
                request.getRequestURI(), // not the servlet's path, which lacks path parameters
                request.getServletContext().getContextPath(),
                request.getHeader("Origin"),
                request.getHeader("Host"));
        AsyncContext context = request.startAsync();
        AnswerWriter writer = new AnswerWriter(context, response);
        context.addListener(writer);
        var unused = api.answer(asked, request::getParameter).thenAccept(writer::send);
    }
}
