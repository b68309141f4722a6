package dev.tutti.conformance;

import java.util.HashMap;
import java.util.Map;

class StandaloneAccessIT extends AccessMatrixSuite {
    StandaloneAccessIT() {
        super(WayIn.tokenInHeader("keeper"), OWN_WAYS);
    }

    @Override
    ServerUnderTest server() {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("access", "local,open,token");
        return new TyrusServer(settings);
    }
}
