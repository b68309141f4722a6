package dev.tutti.conformance;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;

/** Copies of the WAR whose users the container authenticates by BASIC. Stateless. */
final class SecuredWar {
    private static final String LOGIN = "<login-config><auth-method>BASIC</auth-method>"
            + "<realm-name>ApplicationRealm</realm-name></login-config>";

    private static final String CONSTRAINT = "<security-constraint><web-resource-collection>"
            + "<web-resource-name>all but health</web-resource-name><url-pattern>/ws/*</url-pattern>"
            + "<url-pattern>/connect</url-pattern><url-pattern>/yjs/*</url-pattern>"
            + "<url-pattern>/hocuspocus</url-pattern><url-pattern>/api/*</url-pattern></web-resource-collection>"
            + "<auth-constraint><role-name>**</role-name></auth-constraint></security-constraint>";

    private SecuredWar() {}

    /** Returns a WAR that asks nobody for credentials; the container takes those that come. */
    static Path withLogin(Path folder) throws IOException {
        return copy(folder, LOGIN);
    }

    /** Returns a WAR that lets only users with a password in. */
    static Path withConstraint(Path folder) throws IOException {
        return copy(folder, CONSTRAINT + LOGIN);
    }

    private static Path copy(Path folder, String elements) throws IOException {
        Path war = Files.copy(ContainerServer.war(), folder.resolve("secured.war"));
        try (FileSystem files = FileSystems.newFileSystem(war)) {
            Path webXml = files.getPath("WEB-INF/web.xml");
            Files.writeString(webXml, Files.readString(webXml).replace("</web-app>", elements + "</web-app>"));
            Path context = files.getPath("META-INF/context.xml"); // of Tomcat
            Files.writeString(context, "<Context preemptiveAuthentication=\"true\"/>");
        }
        return war;
    }
}
