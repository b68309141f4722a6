package dev.tutti.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Adds {@link BrowserSafety#HEADERS} to every page in a container. Only {@code WEB-INF/web.xml} of this WAR names the filter, so another
 * application that contains these classes keeps its own headers. Stateless.
 */
public final class PageHeaders extends HttpFilter {
    private static final long serialVersionUID = 1;

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request.getHeader("Upgrade") == null) {
            BrowserSafety.HEADERS.forEach(response::setHeader);
        }
        chain.doFilter(request, response);
    }
}
