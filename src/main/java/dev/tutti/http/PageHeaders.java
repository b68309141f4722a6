package dev.tutti.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.security.Caller;
import dev.tutti.security.ForbiddenException;
import dev.tutti.security.Gate;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;

/**
 * Adds {@link BrowserSafety#HEADERS} to every page in a container, and shows no page to a peer that the gate refuses them. Only {@code
 * WEB-INF/web.xml} of this WAR names the filter, so another application that contains these classes keeps its own headers and pages. Safe for
 * any thread.
 */
public final class PageHeaders extends HttpFilter {
    /** The attribute of the servlet context that holds the {@link Gate}. */
    public static final String GATE = Gate.class.getName();

    private static final long serialVersionUID = 1;

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String path = request.getServletPath();
        if (path == null) {
            return; // GlassFish recycles the request of a client that has gone while a thread still serves it
        }
        if (request.getHeader("Upgrade") == null) {
            BrowserSafety.HEADERS.forEach(response::setHeader);
        }
        try {
            admit(request, path);
        } catch (ForbiddenException e) {
            response.setStatus(HttpServletResponse.SC_FORBIDDEN);
            response.setContentType("text/plain;charset=utf-8");
            response.getOutputStream().write((e.reason() + "\n").getBytes(UTF_8));
            return;
        }
        chain.doFilter(request, response);
    }

    private void admit(HttpServletRequest request, String path) {
        if (getServletContext().getAttribute(GATE) instanceof Gate gate && !decidesItself(path)) {
            gate.admitToPages(Caller.of(
                    request.getRemoteAddr(),
                    name -> Collections.list(request.getHeaders(name)),
                    request.getQueryString(),
                    request.getUserPrincipal()));
        }
    }

    /** Returns whether the route of a path decides about its peers. */
    private static boolean decidesItself(String path) {
        return HealthRoutes.PATHS.contains(path) || path.equals(MetricsRoute.PATH);
    }
}
