package dev.tutti.standalone.guard;

import static dev.tutti.standalone.guard.ConnectionLimits.Admission.ADDRESS_FULL;
import static dev.tutti.standalone.guard.ConnectionLimits.Admission.REJECTED;
import static dev.tutti.standalone.guard.ConnectionLimits.Admission.SERVER_FULL;
import static dev.tutti.standalone.guard.ConnectionLimits.Admission.UNRESTRICTED;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class ConnectionLimitsTest {
    private static InetAddress address(String text) throws UnknownHostException {
        return InetAddress.getByName(text);
    }

    @Test
    void connectionsOverLimitArePlainThenRejected() throws UnknownHostException {
        ConnectionLimits limits = new ConnectionLimits(2, 0);
        assertThat(limits.admit(address("10.0.0.1"))).isEqualTo(UNRESTRICTED);
        assertThat(limits.admit(address("10.0.0.2"))).isEqualTo(UNRESTRICTED);
        for (int i = 0; i < ConnectionLimits.PLAIN_ONLY; i++) {
            assertThat(limits.admit(address("10.0.0.3"))).isEqualTo(SERVER_FULL);
        }
        assertThat(limits.admit(address("10.0.0.4"))).isEqualTo(REJECTED);
    }

    @Test
    void oneAddressLeavesOthersTheirShare() throws UnknownHostException {
        ConnectionLimits limits = new ConnectionLimits(0, 1);
        assertThat(limits.admit(address("10.0.0.1"))).isEqualTo(UNRESTRICTED);
        assertThat(limits.admit(address("10.0.0.1"))).isEqualTo(ADDRESS_FULL);
        assertThat(limits.admit(address("10.0.0.2"))).isEqualTo(UNRESTRICTED);
    }

    @Test
    void releasedConnectionIsAvailableAgain() throws UnknownHostException {
        ConnectionLimits limits = new ConnectionLimits(1, 1);
        for (int i = 0; i < 1000; i++) {
            assertThat(limits.admit(address("10.0.0.1"))).isEqualTo(UNRESTRICTED);
            limits.release(address("10.0.0.1"));
        }
    }

    @Test
    void addressesOfOneIpv6NetworkCountAsOne() throws UnknownHostException {
        ConnectionLimits limits = new ConnectionLimits(0, 1);
        assertThat(limits.admit(address("2001:db8:0:1::1"))).isEqualTo(UNRESTRICTED);
        assertThat(limits.admit(address("2001:db8:0:1:2:3:4:5"))).isEqualTo(ADDRESS_FULL);
        assertThat(limits.admit(address("2001:db8:0:2::1"))).isEqualTo(UNRESTRICTED);
    }

    @Test
    void zeroMeansNoLimit() throws UnknownHostException {
        ConnectionLimits limits = new ConnectionLimits(0, 0);
        for (int i = 0; i < 1000; i++) {
            assertThat(limits.admit(address("10.0.0.1"))).isEqualTo(UNRESTRICTED);
        }
    }
}
