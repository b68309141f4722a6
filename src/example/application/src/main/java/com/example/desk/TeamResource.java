package com.example.desk;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.ClientErrorException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The tasks and the members of a team. {@link MembersOnly} lets only its members in. */
@Path("teams/{team}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON) // a form of another site cannot send that
@RequestScoped
public class TeamResource {
    @Inject
    private Tasks tasks;

    @Inject
    private Teams teams;

    @Inject
    private LastSeen lastSeen;

    /** A member, and when the member was last here; null if that was not since the start. */
    public record Member(String user, Instant lastSeen) {}

    @GET
    @Path("members")
    public List<Member> members(@PathParam("team") String team) {
        return teams.membersOf(team).stream()
                .sorted()
                .map(user -> new Member(user, lastSeen.in(team, user).orElse(null)))
                .toList();
    }

    @GET
    @Path("tasks")
    public List<Task> tasks(@PathParam("team") String team) {
        return tasks.of(team);
    }

    @POST
    @Path("tasks")
    public CompletionStage<Task> add(@PathParam("team") String team, Task.Draft draft) {
        return tasks.add(team, valid(draft))
                .orElseThrow(() -> new ClientErrorException("too many tasks", Response.Status.CONFLICT));
    }

    @PUT
    @Path("tasks/{id}")
    public CompletionStage<Task> change(@PathParam("team") String team, @PathParam("id") int id, Task.Draft draft) {
        return tasks.change(team, id, valid(draft)).orElseThrow(NotFoundException::new);
    }

    private static Task.Draft valid(Task.Draft draft) {
        if (draft == null || !draft.isValid()) {
            throw new BadRequestException("a task needs a title");
        }
        return draft;
    }
}
