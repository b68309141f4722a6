package dev.tutti.http;

import dev.tutti.hub.Hub;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@code GET /health}: says that the application runs. Stateless. */
public final class HealthServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private final transient Hub hub;

    /** Answers for a hub. */
    public HealthServlet(Hub hub) {
        this.hub = hub;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType(Health.CONTENT_TYPE);
        response.setHeader("Cache-Control", "no-store");
        response.getWriter().print(Health.of(hub));
    }
}
