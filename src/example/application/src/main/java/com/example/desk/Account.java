package com.example.desk;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.Set;

/** The signed-in user. */
@Path("account")
@RequestScoped
public class Account {
    @Inject
    private Teams teams;

    /** A user, and the teams that the user is in. */
    public record User(String name, Set<String> teams) {}

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public User user(@Context HttpServletRequest request) {
        String name = request.getUserPrincipal().getName();
        return new User(name, teams.teamsOf(name));
    }

    /** Signs the user out. Tutti ends the connections of the HTTP session with it. */
    @DELETE
    public void signOut(@Context HttpServletRequest request) {
        request.getSession().invalidate();
    }
}
