package dev.tutti.http;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/** {@link Routes} in a servlet container: holds no thread while the store works or the client reads. Safe for any thread. */
public final class RouteServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private final transient Routes routes;

    /** Makes the servlet of these routes; it needs asynchronous support. */
    public RouteServlet(Routes routes) {
        this.routes = routes;
    }

    @Override
    protected void service(HttpServletRequest servletRequest, HttpServletResponse servletResponse) {
        ApiRequest request = new ApiRequest(
                servletRequest.getMethod(),
                servletRequest.getRequestURI(), // the servlet's path lacks path parameters
                servletRequest.getServletContext().getContextPath(),
                servletRequest.getHeader("Origin"),
                servletRequest.getHeader("Host"),
                servletRequest::getParameter);
        AsyncContext context = servletRequest.startAsync();
        ResponseWriter writer = new ResponseWriter(context, servletResponse);
        context.addListener(writer);
        var unused = routes.answer(request).thenAccept(writer::send);
    }
}
