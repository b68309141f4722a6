package dev.tutti.standalone;

import dev.tutti.http.ApiRequest;
import dev.tutti.http.Routes;
import dev.tutti.security.Caller;
import java.util.ArrayList;
import java.util.List;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;

/** {@link Routes} on Grizzly, without a container. Immutable. */
final class RouteHandler extends HttpHandler {
    /** The paths that this handler serves, with everything below them. */
    static final String[] PATHS = {"/health", "/api", "/metrics"};

    private final Routes routes;

    RouteHandler(Routes routes) {
        this.routes = routes;
    }

    /** Returns the peer of a request. */
    static Caller caller(Request request) {
        return Caller.of(request.getRemoteAddr(), name -> headers(request, name), request.getQueryString(), null);
    }

    private static List<String> headers(Request request, String name) {
        List<String> values = new ArrayList<>(1);
        request.getHeaders(name).forEach(values::add);
        return values;
    }

    @Override
    public void service(Request request, Response response) {
        ApiRequest asked = new ApiRequest(
                request.getMethod().getMethodString(),
                request.getRequestURI(),
                "",
                caller(request),
                new GrizzlyExchange(request));
        Responses.sendResult(response, () -> routes.answer(asked), given -> {
            response.setStatus(given.status());
            given.headers().forEach((name, value) -> {
                if (name.equals("Content-Type")) {
                    response.setContentType(value);
                } else {
                    response.setHeader(name, value);
                }
            });
            return given.toBytes();
        });
    }
}
