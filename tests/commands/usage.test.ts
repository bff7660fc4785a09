import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, SPARE_KEY, test } from "../support/machine.ts";

const { version } = JSON.parse(await readFile(join(import.meta.dirname, "../../package.json"), "utf8"));
const COMMANDS = ["run-once", "status", "reset", "test-webhook"];

describe.concurrent("help", () => {
  test("magnets alone shows what there is and exits 2", async ({ machine }) => {
    const { code, stdout, stderr } = await machine.run([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    for (const command of COMMANDS) expect(stderr).toContain(command);
  });

  const SWEEP = ["0", "1", "2", "3", "75", "130"];
  test.for([
    ["", SWEEP],
    ["run-once", SWEEP],
    ["status", ["0", "1", "2"]],
    ["reset", ["0", "1", "2", "75"]],
    ["test-webhook", ["0", "1", "2"]],
  ] as const)("magnets %s --help holds its exit codes", async ([command, exits], { machine }) => {
    for (const help of ["--help", "-h"]) {
      const { code, stdout, stderr } = await machine.run(command === "" ? [help] : [command, help]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(new RegExp(`^Usage: magnets ${command}`));
      for (const exit of exits) expect(stdout).toMatch(new RegExp(`^ +${exit} +\\w`, "m"));
    }
  });

  test.for([["-V"], ["--version"]])("%s prints the version", async (args, { machine }) => {
    expect(await machine.run(args)).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe.concurrent("a wrong command line exits 2, does nothing, and says it in one form", () => {
  test.for([
    [["run-onc"], "Did you mean run-once?"],
    [["run-once", "now"], "too many arguments"],
    [["run-once", "--forever"], "unknown option '--forever'"],
    [["run-once", "--max-deletes"], "argument missing"],
    [["run-once", "--log-level", "loud"], "--log-level: expected DEBUG, INFO, WARNING or ERROR"],
    [["run-once", "--config", "nowhere.json"], "--config: there is no file"],
    [["run-once", "--state-dir", ""], "--state-dir: expected a path"],
    [["run-once", "--max-deletes", "x"], "--max-deletes: expected a whole number"],
    [["completion", "tcsh"], "run magnets --help for usage"],
    [["reset", "1"], "there is no counter and no account named 1"],
    [["restore", "1"], "no recorded deletion of 1"],
    [["--nope"], "unknown option '--nope'; run magnets --help for usage"],
  ] as const)("%j", async ([args, says], { machine }) => {
    const { code, stdout, stderr } = await machine.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^\d{4}-\S+Z ERROR [^\n]+\n$/);
    expect(stderr).toContain(says);
    expect(machine.alldebrid.requests).toEqual([]);
  });
});

describe.concurrent("global options", () => {
  test.for(["before", "after"])("stand %s the command's name", async (where, { machine }) => {
    const config = await machine.write("other/config.json", { api_keys: [SPARE_KEY], log_level: "ERROR" });
    const magnet = machine.alldebrid.account(SPARE_KEY).add({ life: neverRecovers() });
    const state = join(machine.home, "elsewhere");
    const options = ["-c", config, "--state-dir", state, "--log-level", "debug", "--no-color"];
    const args = where === "before" ? [...options, "run-once"] : ["run-once", ...options];
    const { code, stderr } = await machine.run(args, { env: { FORCE_COLOR: "1" } });
    expect(code).toBe(0);
    expect(stderr).toContain(`(${magnet.id}) restarted`);
    expect(stderr).not.toContain("\u001b");
    expect(JSON.parse(await readFile(join(state, "retry_counts.json"), "utf8"))).toHaveProperty(
      String(magnet.id),
    );
    const status = where === "before" ? [...options, "status"] : ["status", ...options];
    expect((await machine.run(status)).stdout).toContain(String(magnet.id));
  });
});

describe.concurrent("the environment", () => {
  test("suffices without a config file", async ({ machine }) => {
    await machine.write(".config/magnets/config.json", "{}");
    const magnet = machine.alldebrid.account(SPARE_KEY).add({ life: neverRecovers() });
    const env = {
      XDG_CONFIG_HOME: join(machine.home, "empty"),
      MAGNETS_API_KEYS: `${MAIN_KEY}, ${SPARE_KEY}`,
      MAGNETS_DISCORD_WEBHOOK_URL: machine.discord.url,
      MAGNETS_STATE_DIR: join(machine.home, "state"),
    };
    expect((await machine.run(["run-once"], { env })).code).toBe(0);
    expect(magnet.restarts).toBe(1);
    expect((await machine.run(["test-webhook"], { env })).code).toBe(0);
    expect(machine.discord.messages).toHaveLength(1);
    await expect(readFile(join(machine.home, "state/retry_counts.json"), "utf8")).resolves.toContain(
      String(magnet.id),
    );
  });

  test("overrides the file's keys and webhook", async ({ machine }) => {
    await machine.configure({
      api_keys: ["YOUR_API_KEY"],
      discord_webhook_url: "https://discord.com/api/webhooks/",
    });
    const env = { MAGNETS_API_KEYS: MAIN_KEY, MAGNETS_DISCORD_WEBHOOK_URL: machine.discord.url };
    expect((await machine.run(["run-once"], { env })).code).toBe(0);
    expect((await machine.run(["test-webhook"], { env })).code).toBe(0);
  });

  test("names config and state folder, and --config and --state-dir win over it", async ({ machine }) => {
    const config = await machine.write("named.json", { api_keys: ["YOUR_API_KEY"] });
    const env = { MAGNETS_CONFIG: config, MAGNETS_STATE_DIR: join(machine.home, "one") };
    const named = await machine.run(["run-once"], { env });
    expect(named.code).toBe(2);
    expect(named.stderr).toContain("named.json: api_keys: key 1");
    const two = join(machine.home, "two");
    expect((await machine.run(["run-once", "-c", machine.config, "--state-dir", two], { env })).code).toBe(0);
    await expect(readFile(join(two, "retry_counts.json"), "utf8")).resolves.toBe("{}\n");
  });
});
