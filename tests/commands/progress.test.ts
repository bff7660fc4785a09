import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, test } from "../support/machine.ts";
import { NODE } from "../support/start-magnets.ts";

const MAGNETS = join(import.meta.dirname, "../../bin/magnets.js");
const ERASE = "\r\u001b[2K";

/** Runs a sweep that takes a while, in a terminal (made by script(1)); returns all that it wrote there. */
async function sweepInTerminal(machine: Machine, redirect: string, env: Record<string, string> = {}) {
  const { alldebrid, home } = machine;
  for (let id = 1; id <= 3; id++) alldebrid.account(MAIN_KEY).add({ id, life: neverRecovers() });
  await machine.configure({ max_retries: 1, discord_webhook_url: "" });
  alldebrid.fault("delete", { kind: "delay", ms: 900 });
  const command = `exec '${NODE}' '${MAGNETS}' run-once ${redirect}`;
  const { stdout } = await promisify(execFile)("script", ["-qec", command, "/dev/null"], {
    env: { PATH: process.env.PATH, HOME: home, TERM: "xterm", MAGNETS_API_URL: alldebrid.url, ...env },
  });
  return stdout.replaceAll("\r\n", "\n");
}

describe("progress of a long sweep", () => {
  test("is shown in a terminal and gone at the end", async ({ machine }) => {
    const written = await sweepInTerminal(machine, "");
    expect(written).toContain("deleting 0/3 …");
    const left = written.split("\n").map((line) => stripVTControlCharacters(line.split(ERASE).at(-1) ?? ""));
    expect(left.join("\n")).not.toMatch(/deleting|asking/);
    expect(left.filter((line) => line.includes("deleted: sighting 1 of 1"))).toHaveLength(3);
    expect(left.at(-2)).toMatch(/^Sweep of 1 account in .*3 deleted/);
  });

  test("is not shown when stderr is piped", async ({ machine }) => {
    const written = await sweepInTerminal(machine, "2>&1 | cat");
    expect(written).toContain("3 deleted");
    expect(written).not.toContain(ERASE);
    expect(written).not.toContain("deleting");
  });

  test("is not shown on a terminal that can't take a line back", async ({ machine }) => {
    const written = await sweepInTerminal(machine, "", { TERM: "dumb" });
    expect(written).toContain("3 deleted");
    expect(written).not.toContain("\u001b");
  });
});
