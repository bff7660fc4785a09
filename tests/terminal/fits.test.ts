import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { type CheckReport, failed, ok, type SweepReport, warning } from "../../src/core/report.ts";
import type { Restorable, RestoreResult } from "../../src/core/restore.ts";
import { createProgram } from "../../src/program.ts";
import { wrapCommand } from "../../src/terminal/layout.ts";
import { createLog } from "../../src/terminal/log.ts";
import { createRedactor } from "../../src/terminal/redact.ts";
import { renderCheck } from "../../src/terminal/render-check.ts";
import { renderRestorables, renderRestored } from "../../src/terminal/render-restore.ts";
import { renderDryRun, renderReport } from "../../src/terminal/render-run.ts";
import { createColors, symbolsFor } from "../../src/terminal/screen.ts";

const LONG = `${"A.Name.Of.240.Characters.".repeat(9)}語語語 👩‍👩‍👧`;
const PATH = `/home/somebody/${"folder/".repeat(12)}retry_counts.json`;
const TIME = "2026-11-23T12:00:00.000Z";

const CHECK: CheckReport = {
  version: 1,
  exit_code: 1,
  checks: [
    ok("node", "Node.js 22.1.0"),
    warning(
      "healthcheck",
      "a warning with a long word: https://hc.example.org/ping/0000-1111",
      "do this → that …",
    ),
    failed("state", `can't read ${PATH}`, `paste these lines:\nsudo chown magnets ${PATH}\n[Service]`),
  ],
};

const SWEEP: SweepReport = {
  version: 1,
  started_at: TIME,
  finished_at: TIME,
  dry_run: true,
  exit_code: 3,
  accounts: [
    { name: LONG, ok: true, error: null },
    { name: "spare", ok: false, error: `the lists: ${PATH}` },
  ],
  magnets: (["restarted", "deleted", "held", "failed", "forgotten"] as const).map((action, i) => ({
    id: String(4032073070 + i),
    account: LONG,
    filename: LONG,
    status: "error",
    fails: 3,
    max_retries: 5,
    action,
    reason: `a reason that is long enough for more than one line, and ${PATH}`,
  })),
  pending_notifications: 3,
};

const DELETED: Restorable[] = ["a".repeat(40), undefined].map((hash, i) => ({
  deletion: {
    key: `${i}`,
    id: `403207307${i}`,
    account: LONG,
    fingerprint: "",
    deleted_at: TIME,
    filename: LONG,
    size: 123_456_789,
    status: "error",
    fails: 5,
    max_retries: 5,
  },
  ...(hash !== undefined && { hash }),
}));

const RESTORED: RestoreResult = {
  id: "4032073070",
  filename: LONG,
  hash: null,
  account: "main",
  restored: true,
  new_id: "4032073071",
  ready: false,
  error: null,
  note: null,
};

/** The lines of a command's help, an option of long words included, on a terminal so wide. */
async function helpFor(columns: number, ...command: string[]): Promise<string[]> {
  let help = "";
  const print = (text: string) => {
    help += text;
  };
  const program = createProgram(print, print, async () => {});
  program.option(`--word <${"x".repeat(50)}>`, LONG);
  const before = process.stdout.columns;
  process.stdout.columns = columns;
  await expect(program.parseAsync([...command, "--help"], { from: "user" })).rejects.toThrow("outputHelp");
  process.stdout.columns = before;
  expect(help).toMatch(/^Usage: magnets [\s\S]*^Exit codes:$/m);
  return help.split("\n");
}

const locales = [["UTF-8"], ["C"]] as const;
const widths = [40, 41, 50, 59, 60, 69, 70, 80, 100, 120, 200];

describe.each(locales)("in the locale %s", (LANG) => {
  const symbols = symbolsFor({ LANG });
  const screen = (columns: number) => ({ colors: createColors(false), symbols, columns });

  it.each(widths)("all that is shown fits %d columns", async (columns) => {
    const logged: string[] = [];
    const log = createLog({
      ...screen(columns),
      columns: () => columns,
      level: "DEBUG",
      mode: "terminal",
      write: (text) => void logged.push(...text.trimEnd().split("\n")),
      redactor: createRedactor(),
    });
    log.info(`main: "${LONG}" (4032073070) restarted: sighting 1 of 5 in error`);
    log.error(["one", `two ${PATH}`]);
    const all = {
      check: renderCheck(CHECK, screen(columns)),
      dryRun: renderDryRun(SWEEP, screen(columns)),
      report: renderReport(SWEEP, screen(columns)),
      restorables: renderRestorables(DELETED, { ...screen(columns), command: "magnets" }),
      restored: renderRestored({ version: 1, exit_code: 0, magnets: [RESTORED] }, screen(columns)),
      help: await helpFor(columns, "run-once"),
      whole: await helpFor(columns),
      logged,
    };
    for (const [what, lines] of Object.entries(all)) {
      for (const line of lines) expect(stringWidth(line), `${what}: ${line}`).toBeLessThanOrEqual(columns);
    }
    for (const { id } of SWEEP.magnets) expect(all.dryRun.join("\n")).toContain(`(${id})`);
    for (const { deletion } of DELETED) expect(all.restorables.join("\n")).toContain(deletion.id);
  });

  it("draws nothing that the locale does not have", () => {
    const lines = [
      ...renderCheck(CHECK, screen(80)),
      ...renderDryRun({ ...SWEEP, magnets: [] }, screen(300)),
      ...renderRestored({ version: 1, exit_code: 0, magnets: [{ ...RESTORED, filename: "x" }] }, screen(80)),
    ];
    const text = lines.join("\n").replaceAll("語語語 👩‍👩‍👧", "");
    expect(text.match(/[^\n -~]/g) !== null).toBe(LANG === "UTF-8");
    if (LANG === "C") expect(text).toMatch(/^FAIL state[\s\S]*^ok "x"/m);
    if (LANG === "C") expect(text).toMatch(/^ +-> do this -> that \.\.\.$/m);
  });
});

describe("a command that is too long for a line", () => {
  it("can be pasted from what check advises", () => {
    const report: CheckReport = { ...CHECK, checks: [failed("state", "x", `chmod 700 ${PATH}`)] };
    const shown = { colors: createColors(false), symbols: symbolsFor({}), columns: 60 };
    const lines = renderCheck(report, shown).join("\n").replaceAll("\\\n", "").replace(/ +/g, " ");
    expect(lines).toContain(`→ chmod 700 ${PATH}\n`);
  });

  it.each([[40], [20], [60]])("is the same for a shell when copied from %d columns", (columns) => {
    const command = `sudo cp ${PATH}.bak ${PATH}`;
    const lines = wrapCommand(`    ${command}`, { columns, symbols: symbolsFor({}) }, "      ");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    const read = lines.join("\n").replaceAll("\\\n", "").trim().replace(/ +/g, " ");
    expect(read).toBe(command);
    const quoted = `cp '/a folder/${"x".repeat(90)}' /b`;
    expect(wrapCommand(quoted, { columns, symbols: symbolsFor({}) })).toEqual([quoted]);
  });
});
