package dev.tutti.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AccessTest {
    private static final Identity ANN = Identity.named("Ann");

    @Test
    void rightsHoldTheGrantedActionOnly() {
        for (Action granted : Action.values()) {
            Permissions permissions = (identity, action, resource) ->
                    identity.equals(ANN) && action == granted && resource.equals(Resource.room("garden"));
            Access access = new Access(ANN, permissions);
            for (Action action : Action.values()) {
                assertThat(access.inRoom("garden").include(action)).isEqualTo(action == granted);
                assertThat(access.inRoom("street").include(action)).isFalse();
                assertThat(access.onDocument("garden").include(action)).isFalse();
                assertThat(new Access(Identity.ANONYMOUS, permissions)
                                .inRoom("garden")
                                .include(action))
                        .isFalse();
            }
        }
    }

    @Test
    void refusalNamesTheActionAndNotTheName() {
        Access access = new Access(ANN, (identity, action, resource) -> false);

        assertThatThrownBy(() -> access.inRoom("garden").require(Action.WRITE))
                .isInstanceOf(ForbiddenException.class)
                .hasMessage("this user may not publish in this room");
        assertThatThrownBy(() -> access.onDocument("plan").require(Action.READ))
                .hasMessage("this user may not open this document");
        assertThatThrownBy(() -> access.onAllDocuments().require(Action.MANAGE))
                .hasMessage("this user may not list or delete documents");
    }

    @Test
    void unrestrictedAccessMayDoEverything() {
        for (Action action : Action.values()) {
            assertThat(Access.unrestricted("").inRoom("").include(action)).isTrue();
            assertThat(Access.unrestricted("Ann").onDocument("plan").include(action))
                    .isTrue();
        }
    }
}
