package com.example.desk;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;

/** Refuses REST requests below {@code teams/{team}} of users who are no members of that team. */
@Provider
@ApplicationScoped
public class MembersOnly implements ContainerRequestFilter {
    @Inject
    private Teams teams;

    @Override
    public void filter(ContainerRequestContext request) {
        String team = request.getUriInfo().getPathParameters().getFirst("team");
        String user = request.getSecurityContext().getUserPrincipal().getName(); // web.xml lets nobody else through
        if (team != null && !teams.isMember(user, team)) {
            throw new ForbiddenException();
        }
    }
}
