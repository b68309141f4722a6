package dev.tutti.http;

import dev.tutti.security.Caller;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/** {@link Routes} in a servlet container: holds no thread while the store works or the client reads. Safe for any thread. */
public final class RouteServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    /** The URL patterns of the routes. Not {@code /health/*}: Payara maps that to its own health checks, and refuses it then. */
    private static final String[] URL_PATTERNS = Stream.concat(
                    HealthRoutes.PATHS.stream(), Stream.of("/api/*", MetricsRoute.PATH))
            .toArray(String[]::new);

    private final transient Routes routes;

    /** Makes the servlet of these routes. */
    public RouteServlet(Routes routes) {
        this.routes = routes;
    }

    /** Adds the servlet to a context that is being initialized. */
    public void addTo(ServletContext context) {
        ServletRegistration.Dynamic registration = context.addServlet("tutti-routes", this);
        registration.setAsyncSupported(true);
        registration.addMapping(URL_PATTERNS);
    }

    @Override
    protected void service(HttpServletRequest servletRequest, HttpServletResponse servletResponse) {
        AsyncContext context = servletRequest.startAsync();
        ServletExchange exchange = new ServletExchange(servletRequest);
        ResponseWriter writer = new ResponseWriter(context, servletResponse, exchange::end);
        context.addListener(writer);
        ApiRequest request = new ApiRequest(
                servletRequest.getMethod(),
                servletRequest.getRequestURI(), // the servlet's path lacks path parameters
                servletRequest.getServletContext().getContextPath(),
                Caller.of(
                        servletRequest.getRemoteAddr(),
                        name -> Collections.list(servletRequest.getHeaders(name)),
                        servletRequest.getQueryString(),
                        servletRequest.getUserPrincipal()),
                exchange);
        CompletableFuture<ApiResponse> answer = routes.answer(request).toCompletableFuture();
        // Tomcat continues a connection, even with its next request, on the thread that sets a write listener.
        Executor container = answer.isDone() ? Runnable::run : context::start;
        var unused = answer.thenAcceptAsync(writer::send, container);
    }
}
