package dev.tutti.conformance;

import java.io.IOException;

/** Tomcat authenticates the users whose credentials come, and lets the others through to Tutti. */
class TomcatAccessIT extends AccessMatrixSuite {
    TomcatAccessIT() {
        super(WayIn.container("keeper"), ownWaysAnd(WayIn.container("ann")));
    }

    @Override
    ServerUnderTest server() throws IOException {
        return new TomcatServer(ContainerServer.property("tutti.tomcat11.version"), "/tutti")
                .withWar(SecuredWar.withLogin(folder))
                .withUser("ann", "ann")
                .withUser("keeper", "keeper")
                .with("access", "local,open,container,token")
                .with(SETTINGS);
    }
}
