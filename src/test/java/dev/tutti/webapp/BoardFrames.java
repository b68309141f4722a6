package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Mouse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Prints the frame times of a board with 5,000 notes and strokes. No part of the suite: {@code -Dit.test=BoardFrames}, on a quiet machine. */
class BoardFrames extends RoomBrowserTest {
    private static final int STEPS = 120;

    private static final String RECORD = """
            () => {
              window.frames = [];
              let last = performance.now();
              window.recording = true;
              const next = now => { frames.push(now - last); last = now; if (recording) requestAnimationFrame(next); };
              requestAnimationFrame(next);
            }
            """;

    private static final String RESULT = """
            () => {
              window.recording = false;
              const sorted = frames.slice(2).sort((a, b) => a - b);
              const at = part => sorted[Math.floor(part * (sorted.length - 1))].toFixed(1);
              return `${sorted.length} frames, median ${at(.5)} ms, 95 % ${at(.95)} ms, 99 % ${at(.99)} ms, longest ${at(1)} ms`;
            }
            """;

    @Test
    void largeBoardStaysSmooth() throws Exception {
        site.putBoard(ROOM, LargeBoard.update(5_000));
        Window window = enter();
        assertThat(saved(window)).hasText("Board saved");
        Page page = window.page();
        Mouse mouse = page.mouse();
        BoundingBox stage = stage(window);
        double x = stage.x + stage.width / 2;
        double y = stage.y + stage.height / 2;

        for (String view : List.of("100 %", "all items")) {
            if (view.equals("all items")) {
                page.getByTestId("stage").focus();
                record(window, "zoom to all items", () -> {
                    window.press("f");
                    page.waitForFunction("() => document.querySelectorAll('.paper, #ink path').length >= 5000");
                });
            }
            page.getByLabel("Move", new Page.GetByLabelOptions().setExact(true)).check();
            record(window, view + ": scroll", () -> {
                mouse.move(x, y);
                for (int i = 0; i < STEPS; i++) {
                    mouse.wheel(0, i % 40 < 20 ? 60 : -60);
                }
            });
            record(window, view + ": drag a note", () -> {
                BoundingBox note = notes(window).first().boundingBox();
                mouse.move(note.x + note.width / 2, note.y + note.height / 2);
                mouse.down();
                mouse.move(x, y, new Mouse.MoveOptions().setSteps(STEPS));
                mouse.up();
            });
            page.getByLabel("Pen").check();
            record(window, view + ": draw", () -> {
                mouse.move(x - 200, y - 100);
                mouse.down();
                mouse.move(x + 200, y + 100, new Mouse.MoveOptions().setSteps(STEPS));
                mouse.up();
            });
        }
        record(window, "wheel zooms", () -> {
            page.keyboard().down("Control");
            for (int i = 0; i < STEPS; i++) {
                mouse.wheel(0, i < STEPS / 2 ? -10 : 10);
            }
            page.keyboard().up("Control");
        });
    }

    private static void record(Window window, String what, Runnable action) {
        window.page().evaluate(RECORD);
        action.run();
        System.out.println(what + ": " + window.page().evaluate(RESULT));
    }
}
