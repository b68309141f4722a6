package dev.tutti.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class AddressKeyTest {
    @Test
    void ipv4AddressIsItsOwnKey() throws UnknownHostException {
        assertThat(AddressKey.of("192.0.2.1")).isEqualTo("192.0.2.1");
        assertThat(AddressKey.of(InetAddress.getByName("192.0.2.1"))).isEqualTo("192.0.2.1");
        assertThat(AddressKey.of("::ffff:192.0.2.1")).isEqualTo("192.0.2.1");
    }

    @Test
    void ipv6NetworkIsOneKey() throws UnknownHostException {
        String key = AddressKey.of("2001:db8:0:1::1");

        assertThat(AddressKey.of("2001:db8:0:1:2:3:4:5")).isEqualTo(key);
        assertThat(AddressKey.of("2001:db8:0:1:0:0:0:1%1")).isEqualTo(key);
        assertThat(AddressKey.of("[2001:db8:0:1::1]")).isEqualTo(key);
        assertThat(AddressKey.of(InetAddress.getByName("2001:db8:0:1::7"))).isEqualTo(key);
        assertThat(AddressKey.of("2001:db8:0:2::1")).isNotEqualTo(key);
    }

    @Test
    void otherTextIsItsOwnKey() {
        assertThat(AddressKey.of("unix:")).isEqualTo("unix:");
        assertThat(AddressKey.of("proxy.example.org")).isEqualTo("proxy.example.org");
        assertThat(AddressKey.of((String) null)).isEmpty();
        assertThat(AddressKey.of((InetAddress) null)).isEmpty();
    }
}
