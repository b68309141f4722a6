package dev.tutti.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;

/**
 * What every page tells a browser about its safety. In containers this is the filter of {@code WEB-INF/web.xml}, which another
 * application that contains these classes does not have: its pages are its own matter. Stateless.
 */
public final class PageHeaders extends HttpFilter {
    /** Names and values. */
    public static final Map<String, String> ALL = Map.of(
            "Content-Security-Policy", "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'self'",
            "Referrer-Policy", "same-origin",
            "X-Content-Type-Options", "nosniff");

    private static final long serialVersionUID = 1;

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request.getHeader("Upgrade") == null) {
            ALL.forEach(response::setHeader);
        }
        chain.doFilter(request, response);
    }
}
