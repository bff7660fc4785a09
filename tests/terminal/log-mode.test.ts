import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { detectLogMode } from "../../src/terminal/log.ts";
import { wantsColor } from "../../src/terminal/screen.ts";

describe("detectLogMode", () => {
  let folder: string;
  let fd: number;
  let identity: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "log-mode-"));
    fd = openSync(join(folder, "stream"), "w");
    const { dev, ino } = fstatSync(fd, { bigint: true });
    identity = `${dev}:${ino}`;
  });
  afterAll(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  it("is the journal only when $JOURNAL_STREAM is this very stream", () => {
    expect(detectLogMode({ JOURNAL_STREAM: identity }, { fd })).toBe("journal");
    expect(detectLogMode({ JOURNAL_STREAM: identity }, { fd, isTTY: true })).toBe("journal");
    expect(detectLogMode({ JOURNAL_STREAM: `${identity}1` }, { fd })).toBe("plain");
    expect(detectLogMode({ JOURNAL_STREAM: `${identity}1` }, { fd, isTTY: true })).toBe("terminal");
    expect(detectLogMode({ JOURNAL_STREAM: "" }, { fd })).toBe("plain");
  });

  it("is a terminal or plain otherwise, a closed stream included", () => {
    expect(detectLogMode({}, { fd, isTTY: true })).toBe("terminal");
    expect(detectLogMode({}, { fd, isTTY: undefined })).toBe("plain");
    expect(detectLogMode({ JOURNAL_STREAM: "1:2" }, { fd: 1_000_000 })).toBe("plain");
  });
});

describe("wantsColor", () => {
  it.each([
    [{}, true, false, true],
    [{}, undefined, false, false],
    [{ TERM: "dumb" }, true, false, false],
    [{ NO_COLOR: "1" }, true, false, false],
    [{ NO_COLOR: "" }, true, false, true],
    [{}, true, true, false],
    [{ FORCE_COLOR: "1" }, undefined, false, true],
    [{ FORCE_COLOR: "" }, undefined, false, true],
    [{ FORCE_COLOR: "1", TERM: "dumb" }, true, false, true],
    [{ FORCE_COLOR: "0" }, true, false, false],
    [{ FORCE_COLOR: "false" }, true, false, false],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, true, false, false],
    [{ FORCE_COLOR: "1" }, true, true, false],
  ])("%j, terminal %s, --no-color %s: %s", (env, isTTY, noColor, expected) => {
    expect(wantsColor(env, isTTY, noColor)).toBe(expected);
  });
});
