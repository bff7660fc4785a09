import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { fingerprint } from "../../src/config/accounts.ts";
import { type Machine, test } from "../support/machine.ts";
import { complete, isInstalled, SHELLS, type Shell, scriptOf } from "./complete-in-shell.ts";

const run = promisify(execFile);

/** What makes the shell read a script and say how it completes `magnets`. */
const REGISTERED: Record<Shell, { readonly args: readonly string[]; readonly said: RegExp }> = {
  bash: { args: ["--norc", "-c", '. "$0"; complete -p magnets'], said: /^complete -F _magnets magnets$/ },
  zsh: {
    args: ["-fc", "autoload -Uz compinit; compinit -uD; . $0; print $_comps[magnets]"],
    said: /^_magnets$/,
  },
  fish: { args: ["--no-config", "-c", "source $argv; complete -c magnets"], said: /-l log-level/ },
};

describe.for(SHELLS)("magnets completion %s", { concurrent: true }, (shell) => {
  test("prints the script that the build made", async ({ machine }) => {
    const { code, stdout, stderr } = await machine.run(["completion", shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(await readFile(scriptOf(shell), "utf8"));
  });
});

describe.for(SHELLS.filter(isInstalled))("completion in %s", { concurrent: true }, (shell) => {
  test("is registered by what magnets completion prints", async () => {
    const { args, said } = REGISTERED[shell];
    const { stdout, stderr } = await run(shell, [...args, scriptOf(shell)]);
    expect(stderr).toBe("");
    expect(stdout.trim()).toMatch(said);
  });

  test("has every command and option that --help shows", async ({ machine }) => {
    const help = (await machine.run(["--help"])).stdout;
    const section = help.split("Commands:\n")[1]?.split("\n\n")[0] ?? "";
    const commands = [...section.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name ?? "");
    expect(commands).toContain("restore");
    const shown: Record<string, string[]> = { "magnets ": commands.sort() };
    for (const command of commands.filter((name) => name !== "help")) {
      const both = (await machine.run([command, "--help"])).stdout + help;
      const flags = [...both.matchAll(/^ {2}(-.*?) {2,}/gm)].flatMap(([, flags = ""]) => flags.split(", "));
      shown[`magnets ${command} -`] = [...new Set(flags.map((flag) => flag.replace(/ .*/, "")))].sort();
    }
    expect(await complete(shell, machine, Object.keys(shown))).toEqual(shown);
  });

  test("knows what arguments and values can be", async ({ machine }) => {
    await Promise.all([machine.write("config.json", {}), machine.write("config one.json", {})]);
    await mkdir(join(machine.home, "other"));
    const expected = {
      "magnets --no-color st": ["status"],
      "magnets --log-level ": ["DEBUG", "ERROR", "INFO", "WARNING"],
      "magnets --log-level=W": ["WARNING"],
      "magnets run-once --max-deletes ": [],
      "magnets completion ": ["bash", "fish", "zsh"],
      "magnets --log-level DEBUG comp": ["completion"],
      "magnets --config=config.json comp": ["completion"],
      "magnets help res": ["reset", "restore"],
      "magnets run-once ": [],
      "magnets -c conf": [shell === "zsh" ? "config\\ one.json" : "config one.json", "config.json"].sort(),
      "magnets --config=config.": ["config.json"],
      "magnets status --state-dir o": [shell === "fish" ? "other/" : "other"],
    };
    expect(await complete(shell, machine, Object.keys(expected))).toEqual(expected);
  });

  test("has ids from the state, those not given yet", async ({ machine }) => {
    const { alldebrid } = machine;
    await machine.configure({ max_retries: 2 });
    const account = alldebrid.accounts[0];
    const lost = account?.add({ life: neverRecovers(0) });
    const later = account?.add({ life: { now: "ready" } });
    const [lostId, laterId] = [String(lost?.id), String(later?.id)];
    await machine.run(["run-once"]);
    const counted = { "magnets reset ": [lostId, "main"], [`magnets reset ${lostId} `]: ["main"] };
    expect(await complete(shell, machine, Object.keys(counted))).toEqual(counted);
    await machine.run(["run-once"]);
    later?.become("failing", alldebrid.clock.now());
    await machine.run(["run-once"]);
    const deleted = {
      "magnets reset 4": [laterId],
      "magnets restore ": [lostId],
      "magnets --state-dir elsewhere restore ": [],
      "magnets restore --state-dir=.local/state/magnets ": [lostId],
      "magnets --state-dir ~/.local/state/magnets restore ": [lostId],
    };
    expect(await complete(shell, machine, Object.keys(deleted))).toEqual(deleted);
  });

  test("takes names with blanks as the shell does", async ({ machine }) => {
    await machine.configure({ api_keys: ["SomeKeyOfTheTests0009"] });
    await machine.write(".local/state/magnets/accounts.json", {
      version: 1,
      accounts: { aaaa: { name: "account 1", keys: [fingerprint("SomeKeyOfTheTests0009")] } },
    });
    await machine.write(".local/state/magnets/retry_counts.json", {
      11: { fails: 3, last_status: "error", account: "aaaa" },
    });
    // Fish shows it as it is, and escapes what is chosen.
    const escaped = shell === "fish" ? "account 1" : "account\\ 1";
    const expected = {
      "magnets reset ": ["11", escaped],
      "magnets reset acc": [escaped],
      'magnets reset "acc': ["account 1"],
      "magnets reset 'acc": ["account 1"],
      "magnets reset account\\ 1 ": ["11"],
      "magnets reset b": [],
    };
    expect(await complete(shell, machine, Object.keys(expected))).toEqual(expected);
  });
});

describe.concurrent("magnets completion --ids", () => {
  test.for<[string, (machine: Machine) => Promise<unknown>]>([
    ["a config that is no JSON", (machine) => machine.write(".config/magnets/config.json", "{")],
    ["corrupt counters", (machine) => machine.write(".local/state/magnets/retry_counts.json", "{")],
    [
      "counters of a newer version",
      (machine) => machine.write(".local/state/magnets/retry_counts.json", { version: 9 }),
    ],
    ["a state folder that is none", (machine) => machine.write(".local/state/magnets", "x")],
  ])("is silent whatever is wrong: %s", async ([, spoil], { machine }) => {
    await spoil(machine);
    for (const command of ["reset", "restore", "nonsense"]) {
      const { code, stdout, stderr } = await machine.run(["completion", "--ids", command]);
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
    }
  });
});

test("magnets completion without a shell, or with another", async ({ machine }) => {
  const none = await machine.run(["completion"]);
  expect(none).toMatchObject({ code: 2, stdout: "" });
  expect(none.stderr).toContain("run magnets completion bash, zsh or fish");
  expect(await machine.run(["completion", "tcsh"])).toMatchObject({ code: 2, stdout: "" });
});
