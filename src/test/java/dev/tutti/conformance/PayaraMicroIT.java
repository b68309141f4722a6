package dev.tutti.conformance;

class PayaraMicroIT extends ConformanceSuite {
    PayaraMicroIT() {
        super(new PayaraMicroServer(""));
    }
}
