import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** Prints each reason for skipped tests once, with the test classes, from the XML reports of Surefire or Failsafe. */
public final class SkippedTests {
    private SkippedTests() {}

    /** Takes two arguments: the directory of the reports, and the ISO 8601 time before which reports are of an earlier build. */
    public static void main(String[] args) throws IOException, ParserConfigurationException, SAXException {
        TreeMap<String, Set<String>> classesByReason = new TreeMap<>();
        for (Path report : reports(Path.of(args[0]), Instant.parse(args[1]))) {
            NodeList skips = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(report.toFile())
                    .getElementsByTagName("skipped");
            for (int i = 0; i < skips.getLength(); i++) {
                Element skip = (Element) skips.item(i);
                String className = ((Element) skip.getParentNode()).getAttribute("classname");
                String reason = skip.getAttribute("message").lines().findFirst().orElse("without a reason");
                classesByReason
                        .computeIfAbsent(reason, unused -> new TreeSet<>())
                        .add(className.substring(className.lastIndexOf('.') + 1));
            }
        }
        classesByReason.forEach(
                (reason, classes) -> System.out.println("Skipped " + String.join(", ", classes) + ": " + reason));
    }

    private static List<Path> reports(Path directory, Instant start) throws IOException {
        List<Path> reports = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "TEST-*.xml")) {
                for (Path file : files) {
                    if (!Files.getLastModifiedTime(file).toInstant().isBefore(start)) {
                        reports.add(file);
                    }
                }
            }
        }
        return reports;
    }
}
