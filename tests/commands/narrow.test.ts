import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";
import { describe, expect } from "vitest";
import { runInTerminal } from "../../examples/pictures/run-in-terminal.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, SPARE_KEY, test } from "../support/machine.ts";
import { NODE } from "../support/start-magnets.ts";

const MAGNETS = new URL("../../bin/magnets.js", import.meta.url).pathname;
const LONG = `${"A.Name.Of.240.Characters.".repeat(9)}語語語 👩‍👩‍👧`;
const COMMANDS = ["run-once", "status", "reset", "test-webhook", "check", "restore", "completion", "help"];

/** Runs a command in a terminal, whatever its exit code, and returns the lines that stood there. */
async function linesIn(
  { home, alldebrid }: Machine,
  columns: number,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const command = ["sh", "-c", '"$@"; exit 0', "sh", NODE, MAGNETS, ...args];
  const output = await runInTerminal(command, {
    columns,
    rows: 50,
    env: { PATH: process.env.PATH, HOME: home, MAGNETS_API_URL: alldebrid.url, ...env },
  });
  // What is erased again is progress.
  const lines = output.replaceAll("\r\n", "\n").split("\n");
  return lines.map((line) => stripVTControlCharacters(line.split("\r\u001b[2K").at(-1) ?? ""));
}

/** Long names, a long account, a magnet that is held, one that is deleted, one that is capped, and trouble. */
async function fill(machine: Machine): Promise<void> {
  const { alldebrid, configure, write } = machine;
  await configure({
    api_keys: [{ name: "An account with a very long name, longer than a line", key: MAIN_KEY }, SPARE_KEY],
    protect: ["*240*", "matches nothing at all, and says so"],
    max_deletes_per_run: 1,
  });
  const counted = { fails: 9, last_status: "error", had_chance: true, filename: LONG };
  alldebrid.account(MAIN_KEY).add({ id: 403207901, filename: LONG, life: neverRecovers(0) });
  alldebrid.account(MAIN_KEY).add({ id: 403207902, filename: LONG, life: neverRecovers(0) });
  alldebrid.account(MAIN_KEY).add({ id: 403207903, filename: "Due.mkv", life: neverRecovers(0) });
  alldebrid.account(SPARE_KEY).trouble = "bad-key";
  await write(".local/state/magnets/retry_counts.json", {
    403207902: counted,
    403207903: { ...counted, filename: "Due.mkv" },
  });
}

describe.concurrent("on a terminal of 40 columns or more nothing overflows", () => {
  test.for([[40], [61], [80]])("%d", { timeout: 60_000 }, async ([columns = 0], { machine }) => {
    await fill(machine);
    const seen: Record<string, string[]> = {};
    const see = async (...args: string[]) => {
      seen[args.join(" ")] = await linesIn(machine, columns, args);
    };
    for (const command of COMMANDS) await see(command, "--help");
    for (const args of [
      ["run-once", "--dry-run"],
      ["run-once"],
      ["run-once", "--log-level", "debug"],
      ["status"],
      ["check"],
      ["test-webhook"],
      ["restore"],
      ["restore", "403207903"],
      ["restore", "99"],
      ["reset", "an unknown account with a very long name"],
      ["reset"],
      ["status", "--no-such-option-of-this-very-long-name"],
      [],
    ]) {
      await see(...args);
    }
    for (const [command, lines] of Object.entries(seen)) {
      expect(lines.length, command).toBeGreaterThan(1);
      for (const line of lines) {
        expect(stringWidth(line), `magnets ${command}: ${line}`).toBeLessThanOrEqual(columns);
      }
    }
    // Ids are never cut.
    for (const id of ["403207901", "403207902"]) expect(seen.status?.join("\n")).toContain(id);
    expect([...(seen.status ?? []), ...(seen.restore ?? [])].join("\n")).toContain("403207903");
  });

  test("in another locale than UTF-8 nothing is drawn that it does not have", async ({ machine }) => {
    await fill(machine);
    for (const env of [{ LC_ALL: "C" }, { LANG: "en_US.ISO-8859-1" }]) {
      for (const args of [["check"], ["run-once", "--dry-run"], ["run-once"], ["status"], ["restore", "1"]]) {
        const text = (await linesIn(machine, 80, args, env)).join("\n");
        expect(text.replaceAll(/[語👩👧\u200d]/gu, "")).toMatch(/^[\n -~]*$/);
      }
    }
    expect((await linesIn(machine, 80, ["check"], { LC_ALL: "C" })).join("\n")).toMatch(/^ok {3}node/m);
    expect((await linesIn(machine, 80, ["check"], { LC_ALL: "C.UTF-8" })).join("\n")).toMatch(/^✓ node/m);
  });
});
