import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AllDebridSandbox, startAllDebrid } from "../../examples/sandbox/alldebrid.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { arm64Node } from "./debian-archives.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const KEY = "arm64TestKey12345678";

describe("on arm64, by an emulator of its processor", () => {
  let work: string;
  let alldebrid: AllDebridSandbox;

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), "magnets-arm64-"));
    alldebrid = await startAllDebrid({ accounts: [{ key: KEY }] });
    alldebrid.account(KEY).add({ id: 1001, life: neverRecovers(0) });
    execFileSync("tar", ["-C", work, "-xf", arm64Node()]);
    await symlink("usr/lib", join(work, "lib"));
    execFileSync("npm", ["run", "--silent", "build", "--", join(work, "dist")], { cwd: ROOT });
  });

  afterAll(async () => {
    await alldebrid?.close();
    await rm(work, { recursive: true, force: true });
  });

  /** Runs Debian 13's Node for arm64 with these arguments. */
  function node(...args: string[]): Promise<{ code: number; output: string }> {
    const env = {
      PATH: process.env.PATH,
      HOME: work,
      MAGNETS_API_KEYS: KEY,
      MAGNETS_API_URL: alldebrid.url,
      MAGNETS_STATE_DIR: join(work, "state"),
    };
    const began = performance.now();
    return new Promise((done) => {
      execFile(
        "qemu-aarch64-static",
        ["-L", work, join(work, "usr/bin/node"), ...args],
        { env },
        (error, stdout, stderr) => {
          console.log(`${args.at(-1)}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
          done({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` });
        },
      );
    });
  }

  test("Debian 13's Node is 20.19", async () => {
    expect((await node("-p", "process.arch + process.version")).output).toMatch(/^arm64v20\.19\./);
  });

  test("check finds nothing wrong, and a sweep restarts what fails and counts it", async () => {
    const cli = join(work, "dist/cli.cjs");
    const check = await node(cli, "check");
    expect(check.output).not.toContain("✗");
    expect(check.code, check.output).toBe(0);
    const sweep = await node(cli, "run-once");
    expect(sweep.output).toContain("Sweep of 1 account");
    expect(sweep.code, sweep.output).toBe(0);
    const counters = JSON.parse(await readFile(join(work, "state/retry_counts.json"), "utf8"));
    expect(counters).toMatchObject({ 1001: { fails: 1 } });
    expect(alldebrid.requestsTo("restart")).toHaveLength(1);
  }, 300_000);
});
