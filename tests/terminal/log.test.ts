import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LogLevel } from "../../src/core/settings.ts";
import { createLog, type LogMessage, type LogMode } from "../../src/terminal/log.ts";
import { createRedactor } from "../../src/terminal/redact.ts";
import { createColors, symbolsFor } from "../../src/terminal/screen.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

beforeEach(() => void vi.setSystemTime(NOW));
afterEach(() => void vi.useRealTimers());

const CHALK = createColors(true);

function logged(
  mode: LogMode,
  level: Lowercase<LogLevel>,
  message: LogMessage,
  more: { color?: boolean; least?: LogLevel } = {},
): string {
  let written = "";
  const log = createLog({
    level: more.least ?? "DEBUG",
    mode,
    symbols: symbolsFor({}),
    colors: more.color ? CHALK : createColors(false),
    redactor: createRedactor(["canary-key-123"]),
    write: (text) => {
      written += text;
    },
  });
  log[level](message);
  return written;
}

describe("createLog", () => {
  it.each([
    ["terminal", "debug", "hello\n"],
    ["terminal", "info", "hello\n"],
    ["terminal", "warning", "warning: hello\n"],
    ["terminal", "error", "error: hello\n"],
    ["journal", "debug", "<7>hello\n"],
    ["journal", "info", "<6>hello\n"],
    ["journal", "warning", "<4>hello\n"],
    ["journal", "error", "<3>hello\n"],
    ["plain", "debug", "2026-01-02T03:04:05.678Z DEBUG hello\n"],
    ["plain", "error", "2026-01-02T03:04:05.678Z ERROR hello\n"],
  ] as const)("%s: %s", (mode, level, expected) => {
    expect(logged(mode, level, "hello")).toBe(expected);
  });

  it("writes each line of a message of several lines as one of its own", () => {
    expect(logged("journal", "error", ["a", "b"])).toBe("<3>a\n<3>b\n");
    expect(logged("plain", "info", ["a", "b"])).toMatch(/^\S+Z INFO a\n\S+Z INFO b\n$/);
    expect(logged("terminal", "warning", ["a", "b"])).toBe("warning: a\n  b\n");
    expect(logged("journal", "error", [])).toBe("");
  });

  it("colours only when asked, and never in the journal", () => {
    expect(logged("terminal", "error", "x", { color: true })).toBe("\x1b[31merror:\x1b[39m x\n");
    expect(logged("plain", "warning", "x", { color: true })).toContain("\x1b[33mWARNING\x1b[39m x");
    expect(logged("journal", "error", "x", { color: true })).toBe("<3>x\n");
  });

  it.each([
    ["DEBUG", 4],
    ["INFO", 3],
    ["WARNING", 2],
    ["ERROR", 1],
  ] as const)("shows what is at least %s", (least, shown) => {
    const all = (["debug", "info", "warning", "error"] as const).map((level) =>
      logged("plain", level, "x", { least }),
    );
    expect(all.filter((text) => text !== "")).toHaveLength(shown);
  });

  it("lets no text make a line, an escape or a priority of its own", () => {
    const harmful = fc.array(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom("\n<0>", "\r", "\x1b[2J", "\u2028", "\u202e", "\x85"),
      ),
    );
    fc.assert(
      fc.property(harmful, fc.constantFrom<LogMode>("terminal", "journal", "plain"), (parts, mode) => {
        const text = logged(mode, "info", parts.join(""));
        expect(text.endsWith("\n")).toBe(true);
        expect(text.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        if (mode === "journal") expect(text).toMatch(/^<6>/);
      }),
    );
  });

  it("keeps lines far below the 48 KiB at which the journal would start another", () => {
    const text = logged("journal", "info", `${"語".repeat(100_000)}<0>panic`);
    expect(Buffer.byteLength(text)).toBeLessThan(40_000);
    expect(text.split("\n")).toHaveLength(2);
  });

  it.each(["terminal", "journal", "plain"] as const)("redacts secrets (%s), hidden ones too", (mode) => {
    for (const secret of [
      "canary-key-123",
      "canary\u200b-key-123",
      Buffer.from("canary-key-123").toString("base64"),
    ]) {
      const text = logged(mode, "debug", ["first", `at ${secret} end`]);
      expect(text).toContain("[secret]");
      expect(text).not.toMatch(/canary|Y2FuYX/);
    }
  });
});
