package dev.tutti.standalone;

import dev.tutti.security.Origins;
import java.io.IOException;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainBuilder;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.http.HttpContent;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.http.server.AddOn;
import org.glassfish.grizzly.http.server.HttpServerFilter;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.http.util.HttpStatus;

/** Ahead of Tyrus: answers a handshake from another site's page with 403. Immutable. */
final class OriginGuard extends BaseFilter implements AddOn {
    private final Origins origins;

    OriginGuard(Origins origins) {
        this.origins = origins;
    }

    @Override
    public void setup(NetworkListener listener, FilterChainBuilder builder) {
        builder.add(builder.indexOfType(HttpServerFilter.class), this);
    }

    @Override
    public NextAction handleRead(FilterChainContext context) throws IOException {
        HttpContent content = context.getMessage();
        if (content.getHttpHeader() instanceof HttpRequestPacket request
                && request.getUpgrade() != null
                && !origins.allow(request.getHeader("Origin"), request.getHeader("Host"))) {
            HttpStatus.FORBIDDEN_403.setValues(request.getResponse());
            request.getResponse().setContentLength(0);
            context.write(request.getResponse().httpContentBuilder().last(true).build());
            return context.getStopAction();
        }
        return context.getInvokeAction();
    }
}
