import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createProgress, createStatusLine } from "../../src/terminal/progress.ts";
import { symbolsFor } from "../../src/terminal/screen.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A terminal of one line's depth: what is left to see after everything that was written. */
function createScreen(columns = 60, env = {}) {
  let written = "";
  const line = createStatusLine(
    (text) => {
      written += text;
    },
    () => columns,
    symbolsFor(env),
  );
  const progress = createProgress(line);
  return {
    line,
    progress,
    lines: () => written.split("\n").map((text) => text.split("\r\u001b[2K").at(-1) ?? ""),
    written: () => written,
  };
}

describe("createProgress", () => {
  it("shows nothing of a sweep that is soon over", () => {
    const { progress, written } = createScreen();
    progress.planned(3, 1);
    vi.advanceTimersByTime(300);
    progress.restarted(3);
    progress[Symbol.dispose]();
    vi.advanceTimersByTime(5_000);
    expect(written()).toBe("");
  });

  it("shows what is done and to do, how long it will take, and takes itself away", () => {
    const { progress, lines } = createScreen();
    vi.advanceTimersByTime(500);
    expect(lines()).toEqual(["asking AllDebrid …"]);
    progress.planned(160, 0);
    progress.planned(0, 100);
    progress.restarted(100);
    vi.advanceTimersByTime(100);
    expect(lines()).toEqual(["restarting 100/160, deleting 0/100 …"]);
    progress.restarted(60);
    for (let i = 0; i < 20; i++) {
      progress.deleted(1);
      vi.advanceTimersByTime(100);
    }
    expect(lines()).toEqual(["restarted 160, deleting 20/100, 8 s left …"]);
    progress[Symbol.dispose]();
    expect(lines()).toEqual([""]);
  });

  it("takes what waits for a slot for neither done nor failed", () => {
    const { progress, lines } = createScreen();
    progress.planned(300, 0);
    progress.restarted(30);
    progress.waiting(70);
    vi.advanceTimersByTime(500);
    expect(lines()).toEqual(["restarting 30/230, 70 waiting for a free slot …"]);
    progress.waiting(200);
    vi.advanceTimersByTime(500);
    expect(lines()).toEqual(["restarted 30, 270 waiting for a free slot …"]);
  });

  it("draws only what the terminal has", () => {
    const { progress, lines } = createScreen(20, { TERM: "linux" });
    progress.planned(100, 100);
    vi.advanceTimersByTime(500);
    expect(lines()).toEqual(["restarting 0/100..."]);
  });

  it("stays below log lines, each of which stays whole", () => {
    const { progress, line, lines } = createScreen();
    progress.planned(0, 2);
    vi.advanceTimersByTime(500);
    line.write("one\n");
    progress.deleted(1);
    vi.advanceTimersByTime(100);
    line.write("two\n");
    expect(lines()).toEqual(["one", "two", "deleting 1/2 …"]);
    progress[Symbol.dispose]();
    line.write("three\n");
    expect(lines()).toEqual(["one", "two", "three", ""]);
  });

  it("fits a narrow terminal", () => {
    const { progress, lines } = createScreen(20);
    progress.planned(100, 100);
    vi.advanceTimersByTime(500);
    expect(lines()).toEqual(["restarting 0/100,…"]);
  });
});
