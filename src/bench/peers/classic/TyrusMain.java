package classic;

import java.util.concurrent.CountDownLatch;
import org.glassfish.tyrus.server.Server;

/** The classic hubs on Tyrus's own server, which always listens on all addresses. */
public final class TyrusMain {
    private TyrusMain() {}

    public static void main(String[] args) throws Exception {
        new Server("127.0.0.1", Integer.parseInt(args[0]), "/", null, ClassicEndpoint.class, ClassicAsyncEndpoint.class)
                .start();
        new CountDownLatch(1).await();
    }
}
