package dev.tutti.webapp;

import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finds accessibility faults in the page as it is now. Stateless. */
final class Accessibility {
    private static final Set<String> NEED_A_NAME =
            Set.of("button", "checkbox", "combobox", "image", "link", "log", "radio", "searchbox", "textbox");

    /** WCAG 2.2, 1.4.3, without its allowance for large text; false while the page shows few texts. */
    private static final String LOW_CONTRAST = """
        () => {
          const LEAST = 4.5;
          const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
          const rgba = color => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
            return [r, g, b, a / 255];
          };
          const over = ([r, g, b, a], below) => [r, g, b].map((c, i) => c * a + below[i] * (1 - a));
          const luminance = rgb => {
            const [r, g, b] = rgb.map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b;
          };
          const contrast = (one, other) => {
            const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
            return (light + .05) / (dark + .05);
          };
          const above = element => element.parentElement ?? element.getRootNode().host;
          const ancestry = element => element ? [element, ...ancestry(above(element))] : [];
          const all = root => [...root.querySelectorAll('*')].flatMap(e => e.shadowRoot ? [e, ...all(e.shadowRoot)] : [e]);
          const background = element => ancestry(element)
            .map(e => rgba(getComputedStyle(e).backgroundColor))
            .reduceRight((below, color) => over(color, below), [255, 255, 255]);
          const opacity = element => ancestry(element).reduce((all, e) => all * getComputedStyle(e).opacity, 1);

          const findings = [];
          const check = (element, pseudo, text) => {
            const behind = background(element);
            const [r, g, b, a] = rgba(getComputedStyle(element, pseudo).color);
            const ratio = contrast(over([r, g, b, a * opacity(element)], behind), behind);
            if (ratio < LEAST) findings.push(`contrast ${ratio.toFixed(2)} of ${pseudo ?? 'text'} "${text.trim()}"`);
          };
          let checked = 0;
          for (const element of all(document.body)) {
            if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.unseen')) continue;
            const text = [...element.childNodes].filter(n => n.nodeType === Node.TEXT_NODE).map(n => n.data).join('');
            if (text.trim()) checked++, check(element, undefined, text);
            if (element.value && element.type !== 'radio') checked++, check(element, undefined, element.value);
            if (element.placeholder) checked++, check(element, '::placeholder', element.placeholder);
            for (const pseudo of ['::before', '::after']) {
              const { content } = getComputedStyle(element, pseudo);
              if (!['none', 'normal', '""'].includes(content)) checked++, check(element, pseudo, content);
            }
          }
          return checked >= 10 && findings;
        }
        """;

    /** Elements that scroll sideways or exceed the right edge, except those made for panning. */
    private static final String TOO_WIDE = """
        () => [...document.querySelectorAll('*')]
          .flatMap(e => e.shadowRoot ? [e, ...e.shadowRoot.querySelectorAll('*')] : [e])
          .filter(e => e.checkVisibility() && !e.closest('.unseen, svg, [data-pans]'))
          .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth
            || e.getBoundingClientRect().right > document.documentElement.clientWidth)
          .map(e => `too wide: ${e.cloneNode().outerHTML}`)
        """;

    /** WCAG 2.2, 2.5.5, on screens for fingers: controls under 44 px, except links in a text and boxes whose labels are larger. */
    private static final String TOO_SMALL = """
        () => !matchMedia('(pointer: coarse)').matches ? [] : [...document.querySelectorAll('a[href], button, input, textarea, select, summary')]
          .filter(e => e.checkVisibility({ visibilityProperty: true }) && getComputedStyle(e).display !== 'inline' && !e.closest('.unseen'))
          .map(e => [e, (e.labels?.length && ['checkbox', 'radio'].includes(e.type) ? e.labels[0] : e).getBoundingClientRect()])
          .filter(([, { width, height }]) => Math.min(width, height) < 43.5)
          .map(([e, { width, height }]) => `too small: ${Math.round(width)} × ${Math.round(height)} ${e.cloneNode().outerHTML}`)
        """;

    private Accessibility() {}

    /** Returns the findings of a page with three named controls or more. */
    static List<String> findings(Page page) {
        return findings(page, 3);
    }

    /**
     * Waits until the page shows its texts and this many named controls. Returns a line for each finding of {@link Axe} and of the checks of this class: controls
     * without a name, texts with low contrast, elements that are too wide, and controls too small for fingers.
     */
    static List<String> findings(Page page, int controls) {
        List<String> findings = new ArrayList<>(withoutName(page, controls));
        add((List<?>) page.waitForFunction(LOW_CONTRAST).jsonValue(), findings);
        add((List<?>) page.evaluate(TOO_WIDE), findings);
        add((List<?>) page.evaluate(TOO_SMALL), findings);
        add(Axe.findings(page), findings);
        return findings;
    }

    private static void add(List<?> some, List<String> findings) {
        some.forEach(finding -> findings.add(String.valueOf(finding)));
    }

    /** Reads the browser's accessibility tree, like a screen reader, until it names enough controls: the tree follows the page late. */
    private static List<String> withoutName(Page page, int controls) {
        CDPSession session = page.context().newCDPSession(page);
        try {
            List<JsonObject> nodes = await().until(
                            () -> controls(session),
                            found -> found.stream()
                                            .filter(Accessibility::isNamed)
                                            .count()
                                    >= controls);
            return nodes.stream()
                    .filter(node -> !isNamed(node))
                    .map(node -> "no name for a " + value(node, "role"))
                    .toList();
        } finally {
            session.detach();
        }
    }

    private static List<JsonObject> controls(CDPSession session) {
        List<JsonObject> controls = new ArrayList<>();
        for (JsonElement element : session.send("Accessibility.getFullAXTree").getAsJsonArray("nodes")) {
            JsonObject node = element.getAsJsonObject();
            if (!node.get("ignored").getAsBoolean() && NEED_A_NAME.contains(value(node, "role"))) {
                controls.add(node);
            }
        }
        return controls;
    }

    private static boolean isNamed(JsonObject node) {
        return !value(node, "name").isBlank();
    }

    private static String value(JsonObject node, String property) {
        JsonObject holder = node.getAsJsonObject(property);
        return holder == null || !holder.has("value") ? "" : holder.get("value").getAsString();
    }
}
