package dev.tutti.conformance;

import org.junit.jupiter.api.condition.DisabledForJreRange;

@DisabledForJreRange(minVersion = 25, disabledReason = "GlassFish 7.0 does not start on Java 25")
class GlassFishIT extends ConformanceSuite {
    GlassFishIT() {
        super(new GlassFishServer("/tutti"));
    }
}
