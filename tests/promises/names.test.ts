import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formProblems } from "../../examples/sandbox/discord-limits.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { Notice } from "../../src/core/records.ts";
import { textsFor } from "../../src/discord/texts.ts";
import { renderTable } from "../../src/terminal/layout.ts";
import { createLog } from "../../src/terminal/log.ts";
import { createRedactor } from "../../src/terminal/redact.ts";
import { createColors, symbolsFor, toJson } from "../../src/terminal/screen.ts";
import { buildMessages } from "../discord/sample-notices.ts";
import { withoutJoinedEmoji } from "../support/joined-emoji.ts";
import { MAIN_KEY, type Machine, test } from "../support/machine.ts";
import { HOSTILE_NAMES } from "./hostile-names.ts";

/** What steers a terminal, breaks a line, or turns the direction of a text. */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

function expectHarmless(output: string, allowed = /\n/g): void {
  const rest = withoutJoinedEmoji(output.replace(allowed, ""));
  const at = rest.search(HARMFUL);
  expect(at, JSON.stringify(rest.slice(Math.max(0, at - 40), at + 40))).toBe(-1);
  expect(output.isWellFormed()).toBe(true);
}

/** Every name twice: one magnet to restart, one to delete. */
async function fill(machine: Machine): Promise<void> {
  const account = machine.alldebrid.account(MAIN_KEY);
  const counters: Record<string, unknown> = {};
  for (const [index, filename] of HOSTILE_NAMES.entries()) {
    const extra = { status: `Failed: ${filename.slice(0, 300)}` };
    account.add({ id: 1000 + index, filename, extra, life: neverRecovers(0) });
    account.add({ id: 2000 + index, filename, extra, life: neverRecovers(0) });
    counters[2000 + index] = { fails: 9, last_status: "error", had_chance: true };
  }
  await machine.write(".local/state/magnets/retry_counts.json", counters);
}

describe.concurrent("names written by strangers are harmless", () => {
  test("in a log, in results, in status, in state and at Discord", async ({ machine }) => {
    await fill(machine);
    const sweep = await machine.run(["run-once", "--log-level", "DEBUG"]);
    expect(sweep.code, sweep.stderr).toBe(0);
    expectHarmless(sweep.stderr);
    expectHarmless(sweep.stdout);
    for (const line of sweep.stderr.trimEnd().split("\n")) {
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z (DEBUG|INFO|WARNING|ERROR) /);
      expect(line.length).toBeLessThan(8_100);
    }
    expect(sweep.stderr.match(/ restarted: | deleted: /g)).toHaveLength(2 * HOSTILE_NAMES.length);

    const status = await machine.run(["status"]);
    expectHarmless(status.stdout);
    expect(status.stdout.length).toBeLessThan(100_000);
    const json = await machine.run(["status", "--json"]);
    expectHarmless(json.stdout);
    const names = JSON.parse(json.stdout).magnets.map(({ filename }: { filename: string }) => filename);
    for (const name of HOSTILE_NAMES)
      if (name.isWellFormed() && /\S/.test(name)) expect(names).toContain(name);

    // Every deletion was told, in messages that Discord takes, which call nobody.
    const { discord } = machine;
    expect(discord.embeds).toHaveLength(HOSTILE_NAMES.length);
    for (const { payload, pings } of discord.messages) {
      expect(pings).toBe(false);
      expect(payload.allowed_mentions).toEqual({ parse: [] });
      expect(formProblems(payload)).toEqual([]);
      // Whatever formats or mentions stands behind a backslash.
      for (const embed of payload.embeds as { title: string }[]) {
        expectHarmless(embed.title);
        expect(embed.title.replace(/\\[^\s\da-z]/gi, "")).not.toMatch(/[*_~`|>#[\]<@]/);
        expect(/(^|[^\\])(\\\\)*\\$/.test(embed.title)).toBe(false);
      }
    }
    const deletions = await machine.readDeletions();
    expect(deletions).toHaveLength(HOSTILE_NAMES.length);
  });

  test("in the report as JSON", async ({ machine }) => {
    await fill(machine);
    const { stdout } = await machine.run(["run-once", "--json"]);
    expectHarmless(stdout);
    expect(JSON.parse(stdout).magnets).toHaveLength(2 * HOSTILE_NAMES.length);
  });

  test("in the journal, where no line is forged", async ({ machine }) => {
    await fill(machine);
    const path = join(machine.home, "journal");
    const file = await open(path, "w");
    const { dev, ino } = await file.stat({ bigint: true });
    await machine.run(["run-once"], { stderr: file.fd, env: { JOURNAL_STREAM: `${dev}:${ino}` } });
    await file.close();
    const journal = await readFile(path, "utf8");
    expectHarmless(journal);
    const lines = journal.trimEnd().split("\n");
    for (const line of lines) expect(line).toMatch(/^<[3467]>[^<\d]/);
    expect(lines.filter((line) => line.startsWith("<3>"))).toEqual([]);
  });

  test("on a terminal, which sees no escape but our own colours and cursor", async ({ machine }) => {
    await fill(machine);
    const typescript = join(machine.home, "typescript");
    for (const command of ["run-once", "status"]) {
      const script = `exec script --quiet --return --command "$*" ${typescript}`;
      const { code } = await machine.run([command], {
        wrapper: ["sh", "-c", script, "sh"],
        env: { TERM: "xterm-256color" },
      });
      expect(code).toBe(0);
      const shown = await readFile(typescript, "utf8");
      expect(shown).toContain("\u001b[");
      expectHarmless(shown, /\u001b\[[\d;]*[mKA-GJ]|\u001b\[\?25[hl]|\u001b\[\?2026[hl]|[\r\n]/g);
    }
  });
});

describe("any text at all", () => {
  const text = fc.oneof(fc.string({ unit: "binary", maxLength: 400 }), fc.constantFrom(...HOSTILE_NAMES));

  it("makes one line of the log, in every mode", () => {
    fc.assert(
      fc.property(text, fc.constantFrom("terminal", "journal", "plain"), (name, mode) => {
        const lines: string[] = [];
        const redactor = createRedactor(["a secret of the test"]);
        const write = (line: string) => void lines.push(line);
        const [colors, symbols] = [createColors(false), symbolsFor({})];
        createLog({ level: "DEBUG", mode, colors, symbols, write, redactor }).error(name);
        expect(lines.join("").split("\n")).toHaveLength(2);
        expectHarmless(lines.join(""));
        if (mode === "journal") expect(lines[0]).toMatch(/^<3>/);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps tables and JSON in shape", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (names) => {
        const table = renderTable(
          [
            { title: "NAME", cell: (name) => name, shrinks: true },
            { title: "ID", cell: () => "1" },
          ],
          names,
          { columns: 60, symbols: symbolsFor({}) },
        );
        expect(table).toHaveLength(names.length + 1);
        for (const line of table) expectHarmless(line);
        const json = toJson({ names });
        expectHarmless(json);
        expect(JSON.parse(json)).toEqual({ names });
      }),
      { numRuns: 200 },
    );
  });

  it("goes to Discord within its limits", () => {
    const notice = fc.record({ filename: text, status_text: text, account: text, hash: text, status: text });
    fc.assert(
      fc.property(fc.array(notice, { minLength: 1, maxLength: 25 }), (parts) => {
        const notices = parts.map(
          (part, index): Notice => ({
            kind: "deletion",
            key: `key-${index}`,
            id: String(index + 1),
            fingerprint: "",
            deleted_at: "2026-01-31T10:00:00.000Z",
            fails: 5,
            max_retries: 5,
            ...part,
          }),
        );
        const messages = buildMessages(notices, textsFor("en"));
        expect(messages.flatMap((message) => message.notices)).toEqual(notices);
        for (const { payload } of messages) {
          expect(formProblems(payload as unknown as Record<string, unknown>)).toEqual([]);
          expect(JSON.stringify(payload).isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});
