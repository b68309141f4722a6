package com.example.desk;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.security.enterprise.authentication.mechanism.http.FormAuthenticationMechanismDefinition;
import jakarta.security.enterprise.authentication.mechanism.http.LoginToContinue;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** The REST resources, below {@code /rest} because Tutti has {@code /api}; and the way in: a form, and then the cookie of the HTTP session. */
@ApplicationScoped
@ApplicationPath("/rest")
@FormAuthenticationMechanismDefinition(
        loginToContinue = @LoginToContinue(loginPage = "/sign-in.html", errorPage = "/not-signed-in.html"))
public class Desk extends Application {}
