package com.example.desk;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.security.enterprise.credential.UsernamePasswordCredential;
import jakarta.security.enterprise.identitystore.CredentialValidationResult;
import jakarta.security.enterprise.identitystore.IdentityStore;
import java.util.Map;

/**
 * The users and their passwords, for a try-out. A real application has {@code @DatabaseIdentityStoreDefinition}, {@code
 * @LdapIdentityStoreDefinition} or {@code @OpenIdAuthenticationMechanismDefinition} instead of this class. Immutable.
 */
@ApplicationScoped
public class Users implements IdentityStore {
    private static final Map<String, String> PASSWORDS = Map.of("ann", "ann", "ben", "ben", "cleo", "cleo");

    @Inject
    private Teams teams;

    /** Jakarta Security calls this with what the form sent. */
    public CredentialValidationResult validate(UsernamePasswordCredential credential) {
        String user = credential.getCaller();
        String password = PASSWORDS.get(user);
        return password != null && credential.compareTo(user, password)
                ? new CredentialValidationResult(user, teams.teamsOf(user))
                : CredentialValidationResult.INVALID_RESULT;
    }
}
