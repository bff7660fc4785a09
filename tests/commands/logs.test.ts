import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, vi } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, test } from "../support/machine.ts";

const HOSTILE = "Evil\n<0>forged\r\u001b[31m \u202egnp.mkv";

function addMagnets({ alldebrid }: Machine): void {
  alldebrid.account(MAIN_KEY).add({ life: neverRecovers(), filename: HOSTILE });
  alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
}

/** Counters of 4,000 magnets: more than a megabyte of `status --json`. */
function manyCounters(): object {
  const ids = Array.from({ length: 4000 }, (_, i) => 900_000_000 + i);
  return Object.fromEntries(ids.map((id) => [id, { fails: 1, last_status: "error" }]));
}

/** Runs a sweep with stderr in a file, which `$JOURNAL_STREAM` names (or, with `inode`, claims to name). */
async function runUnderJournal(machine: Machine, inode?: bigint): Promise<string[]> {
  return underJournal(machine, { args: ["run-once", "--log-level", "DEBUG"], exits: 0, inode });
}

async function underJournal(
  machine: Machine,
  { args, exits, inode }: { args: readonly string[]; exits: number; inode?: bigint | undefined },
): Promise<string[]> {
  const path = join(machine.home, "journal");
  const file = await open(path, "w");
  const { dev, ino } = await file.stat({ bigint: true });
  const env = { JOURNAL_STREAM: `${dev}:${inode ?? ino}` };
  expect((await machine.run(args, { stderr: file.fd, env })).code).toBe(exits);
  await file.close();
  return (await readFile(path, "utf8")).trimEnd().split("\n");
}

describe.concurrent("logs", () => {
  test("to a pipe: each line has an ISO time and a level", async ({ machine }) => {
    addMagnets(machine);
    const { stderr } = await machine.run(["run-once"]);
    const lines = stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) main: /);
    }
    expect(stderr.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  test("under the journal: each line has a priority and no time", async ({ machine }) => {
    addMagnets(machine);
    // Worth a line of DEBUG: it is tried again.
    machine.alldebrid.fault("restart", { kind: "reset" }, { times: 1 });
    const lines = await runUnderJournal(machine);
    for (const line of lines) expect(line).toMatch(/^<[3467]>(?!\d{4}-)\S/);
    expect(lines.filter((line) => line.startsWith("<6>"))).toHaveLength(2);
    expect(lines.some((line) => line.startsWith("<7>"))).toBe(true);
  });

  test("under the journal: a wrong command line has a priority on each line, too", async ({ machine }) => {
    const lines = await underJournal(machine, { args: ["run-once", "--nope"], exits: 2 });
    expect(lines).toEqual(["<3>unknown option '--nope'; run magnets --help for usage"]);
    const help = await underJournal(machine, { args: [], exits: 2 });
    expect(help.length).toBeGreaterThan(1);
    for (const line of help) expect(line).toMatch(/^<3>(?!\d{4}-)/);
  });

  test("on a full disk: the sweep goes on without it", async ({ machine }) => {
    addMagnets(machine);
    await machine.configure({ max_retries: 1 });
    const full = await open("/dev/full", "w");
    expect((await machine.run(["run-once"], { stderr: full.fd })).code).toBe(0);
    await full.close();
    expect(await machine.readDeletions()).toHaveLength(2);
    expect(machine.discord.embeds).toHaveLength(2);
  });

  test("results that a full disk does not take: the sweep is done, and one line says so", async ({
    machine,
  }) => {
    addMagnets(machine);
    await machine.configure({ max_retries: 1 });
    const wrapper = ["sh", "-c", 'exec "$@" >/dev/full', "sh"];
    const { code, stderr } = await machine.run(["run-once", "--json", "--log-level", "ERROR"], { wrapper });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^\S+ ERROR can't write the results to stdout \(ENOSPC\); .*\n$/);
    expect(machine.discord.embeds).toHaveLength(2);
  });

  test("results that a disk takes only in part are not a success either", async ({ machine }) => {
    addMagnets(machine);
    await machine.run(["run-once"]);
    const wrapper = ["prlimit", "--fsize=100", "sh", "-c", 'exec "$@" >results', "sh"];
    const { code, stderr } = await machine.run(["status", "--json"], { wrapper });
    expect(code).toBe(1);
    expect(stderr).toContain("can't write the results to stdout (EFBIG)");
  });

  test("readers who take nothing hold up neither the sweep nor the lock, and lose nothing", async ({
    machine,
  }) => {
    for (let i = 0; i < 1200; i++)
      machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers(), filename: `${i}.mkv` });
    // A pipe takes 64 KiB, and log and results have more.
    const nobodyReads = 'mkfifo log results && exec 8<>log 9<>results && exec "$@" 2>log >results';
    const wrapper = ["sh", "-c", nobodyReads, "sh"];
    const stalled = machine.start(["run-once", "--json"], { wrapper });
    await vi.waitFor(() => machine.readState("sweeps.json"), { timeout: 20_000, interval: 100 });
    const { code } = await machine.run(["run-once"]);
    expect(code).toBe(0);
    const read = (name: string) => readFile(join(machine.home, name), "utf8");
    const [log, results] = await Promise.all([read("log"), read("results")]);
    expect((await stalled.finished).code).toBe(0);
    expect(log.match(/ INFO main: "/g)).toHaveLength(1200);
    expect(JSON.parse(results).magnets).toHaveLength(1200);
  });

  test("a reader of results who leaves early is not a failure", async ({ machine }) => {
    await machine.write(".local/state/magnets/retry_counts.json", manyCounters());
    const wrapper = ["bash", "-c", 'set -o pipefail; "$@" | head -n 1', "bash"];
    const { code, stdout, stderr } = await machine.run(["status", "--json"], { wrapper });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "{\n", stderr: "" });
  });

  test("a stderr that is closed is not a failure", async ({ machine }) => {
    addMagnets(machine);
    const { code, stdout } = await machine.run(["run-once"], {
      wrapper: ["sh", "-c", 'exec "$@" 2>&-', "sh"],
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Sweep of 1 account/);
  });

  test("results come whole through a pipe that does not block and whose reader is slow", async ({
    machine,
  }) => {
    await machine.write(".local/state/magnets/retry_counts.json", manyCounters());
    const nonblocking = "use Fcntl; fcntl(STDOUT, F_SETFL, O_NONBLOCK) or die; exec @ARGV";
    const { code, stdout } = await machine.run(["status", "--json"], {
      wrapper: ["perl", "-e", nonblocking],
    });
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(1_000_000);
    expect(JSON.parse(stdout).magnets).toHaveLength(4000);
  });

  test("with another stream's $JOURNAL_STREAM it is not the journal", async ({ machine }) => {
    addMagnets(machine);
    for (const line of await runUnderJournal(machine, 1n)) expect(line).toMatch(/^\d{4}-.*Z \w+ /);
  });

  test("at log_level ERROR a sweep that goes well says nothing, and its result stays", async ({
    machine,
  }) => {
    addMagnets(machine);
    await machine.configure({ log_level: "error" });
    const { code, stdout, stderr } = await machine.run(["run-once"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Sweep of 1 account/);
  });

  test.for([
    [{ FORCE_COLOR: "1" }, [], true],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, [], false],
    [{ FORCE_COLOR: "1" }, ["--no-color"], false],
    [{}, [], false],
  ] as const)("colours with %j and %j: %s", async ([env, args, coloured], { machine }) => {
    addMagnets(machine);
    const { stderr } = await machine.run(["run-once", ...args], { env });
    expect(stderr.includes("\u001b[")).toBe(coloured);
  });
});
