package dev.tutti.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.security.Permissions.Action;
import org.junit.jupiter.api.Test;

class AccessTest {
    private static final Identity ANN = Identity.named("Ann");

    @Test
    void eachQuestionAsksForItsAction() {
        for (Action action : Action.values()) {
            Access access = new Access(
                    ANN, (identity, asked, name) -> identity.equals(ANN) && asked == action && name.equals("garden"));

            assertThat(access.mayJoin("garden")).isEqualTo(action == Action.JOIN_ROOM);
            assertThat(access.mayPublish("garden")).isEqualTo(action == Action.PUBLISH);
            assertThat(access.mayRead("garden")).isEqualTo(action == Action.READ_DOCUMENT);
            assertThat(access.mayWrite("garden")).isEqualTo(action == Action.WRITE_DOCUMENT);
        }
    }

    @Test
    void allowAllAllowsAnonymousConnections() {
        for (Action action : Action.values()) {
            assertThat(Permissions.ALLOW_ALL.allow(Identity.ANONYMOUS, action, ""))
                    .isTrue();
        }
    }
}
