package dev.tutti.conformance;

import java.io.IOException;

/** WildFly authenticates the users whose credentials come, and lets the others through to Tutti. */
class WildFlyAccessIT extends AccessMatrixSuite {
    WildFlyAccessIT() {
        super(WayIn.container("keeper"), ownWaysAnd(WayIn.container("ann")));
    }

    @Override
    ServerUnderTest server() throws IOException {
        return new WildFlyServer(ContainerServer.property("tutti.wildfly.version"), "/tutti")
                .withWar(SecuredWar.withLogin(folder))
                .withUser("ann", "ann")
                .withUser("keeper", "keeper")
                .with("access", "local,open,container,token")
                .with(SETTINGS);
    }
}
