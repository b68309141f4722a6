package com.example.desk;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The teams and their members. A real application asks its database here. Immutable. */
@ApplicationScoped
public class Teams {
    private static final Map<String, Set<String>> MEMBERS =
            Map.of("blue", Set.of("ann", "ben"), "red", Set.of("cleo"), "green", Set.of("ann", "cleo"));

    /** Returns the name of the room in which a team hears of its tasks. */
    public static String roomOf(String team) {
        return team + "-tasks";
    }

    /** Returns the name of the document that a team writes together. */
    public static String noteOf(String team) {
        return team + "-note";
    }

    /** Returns the members of a team; none if there is no such team. */
    public Set<String> membersOf(String team) {
        return MEMBERS.getOrDefault(team, Set.of());
    }

    /** Returns the teams of a user, in the order of their names. */
    public Set<String> teamsOf(String user) {
        Set<String> teams = new TreeSet<>(MEMBERS.keySet());
        teams.removeIf(team -> !isMember(user, team));
        return teams;
    }

    public boolean isMember(String user, String team) {
        return membersOf(team).contains(user);
    }
}
