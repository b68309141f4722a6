package dev.tutti.conformance;

import java.io.IOException;
import java.util.List;

/** Payara authenticates users only where {@code web.xml} asks for it, and lets nobody else through. */
class PayaraAccessIT extends AccessMatrixSuite {
    PayaraAccessIT() {
        super(WayIn.container("keeper"), List.of(WayIn.container("ann")));
    }

    @Override
    ServerUnderTest server() throws IOException {
        return new PayaraMicroServer("/tutti")
                .withWar(SecuredWar.withConstraint(folder))
                .withUser("ann", "ann")
                .withUser("keeper", "keeper")
                .with("access", "container")
                .with("rules", AccessCases.RULES);
    }
}
