import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, test } from "../support/machine.ts";

/** Leaves the names of Node's own modules that a run loaded, those of Node's own start left out. */
const LISTER = `
const before = new Set(process.moduleLoadList);
process.on("exit", () => {
  const loaded = process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.split(" ").at(-1));
  require("node:fs").writeFileSync(process.env.LIST_TO, JSON.stringify(loaded));
});`;

async function modulesOf(machine: Machine, args: readonly string[]): Promise<string[]> {
  const lister = await machine.write("lister.cjs", LISTER);
  const list = join(machine.home, "loaded.json");
  const env = { NODE_OPTIONS: `--require=${lister}`, LIST_TO: list };
  expect((await machine.run(args, { env })).code).toBe(0);
  return JSON.parse(await readFile(list, "utf8"));
}

const CLIENTS = ["http", "https", "internal/deps/undici/undici"];
const WITH_STREAMS = ["stream", "net", "tty", "child_process", "crypto", "zlib", "fs/promises"];

// Each of these takes up to a tenth of the time in which Node starts; undici takes half of it.
describe.concurrent("what a command does not need is not loaded", () => {
  test("status loads no stream, no socket, no process and no crypto", async ({ machine }) => {
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    await machine.run(["run-once"]);
    const loaded = await modulesOf(machine, ["status"]);
    expect(loaded.filter((name) => [...CLIENTS, ...WITH_STREAMS].includes(name))).toEqual([]);
  });

  test("a sweep over http loads one HTTP client, and TLS only for https", async ({ machine }) => {
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    const loaded = await modulesOf(machine, ["run-once"]);
    expect(loaded.filter((name) => CLIENTS.includes(name))).toEqual(["http"]);
  });
});
