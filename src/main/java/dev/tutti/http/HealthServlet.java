package dev.tutti.http;

import dev.tutti.Tutti;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@code GET /health}: says that the application runs. Stateless. */
@WebServlet("/health")
public final class HealthServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType(Health.CONTENT_TYPE);
        response.setHeader("Cache-Control", "no-store");
        response.getWriter().print(Health.of(Tutti.current().hub()));
    }
}
