import { execFile } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { fingerprint } from "../../src/config/accounts.ts";
import { type Machine, test } from "../support/machine.ts";

const run = promisify(execFile);

const MAGNETS = join(import.meta.dirname, "../../bin/magnets.js");

/** Splits a line as bash does for completion: at spaces, and before and after each `=`. */
function wordsOf(line: string): string[] {
  return line.split(" ").flatMap((word) => word.split(/(=)/));
}

/** The script, which is the same for everybody. */
let script: Promise<string> | undefined;

/** What a real bash offers for the last word of the line, typed in the home folder. */
async function complete(machine: Machine, line: string): Promise<string[]> {
  await mkdir(join(machine.home, "bin"), { recursive: true });
  await symlink(MAGNETS, join(machine.home, "bin/magnets")).catch(() => {});
  script ??= machine.run(["completion", "bash"]).then(({ stdout }) => stdout);
  const words = wordsOf(line);
  const program = `${await script}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_magnets
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await run("bash", ["--norc", "-c", program, "bash", ...words], {
    cwd: machine.home,
    env: {
      PATH: `${join(machine.home, "bin")}:${process.env.PATH}`,
      HOME: machine.home,
      XDG_CONFIG_HOME: join(machine.home, ".config"),
      XDG_STATE_HOME: join(machine.home, ".local/state"),
    },
  });
  expect(stderr).toBe("");
  return stdout.split("\n").filter(Boolean).sort();
}

describe.concurrent("magnets completion bash", () => {
  test("prints a script that bash takes, and registers it", async ({ machine }) => {
    const { code, stdout, stderr } = await machine.run(["completion", "bash"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const registered = await run("bash", ["--norc", "-c", `${stdout}\ncomplete -p magnets`]);
    expect(registered).toEqual({ stdout: "complete -F _magnets magnets\n", stderr: "" });
  });

  test("completes every command that --help shows", async ({ machine }) => {
    const help = (await machine.run(["--help"])).stdout;
    const section = help.split("Commands:\n")[1]?.split("\n\n")[0] ?? "";
    const commands = [...section.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name ?? "");
    expect(commands).toContain("restore");
    expect(await complete(machine, "magnets ")).toEqual(commands.sort());
    expect(await complete(machine, "magnets --no-color st")).toEqual(["status"]);
  });

  test.for(["run-once", "status", "check", "reset", "restore", "test-webhook", "completion"])(
    "completes every option that %s --help shows",
    async (command, { machine }) => {
      const help = (await machine.run([command, "--help"])).stdout + (await machine.run(["--help"])).stdout;
      const shown = [...help.matchAll(/^ {2}(-.*?) {2,}/gm)].flatMap(([, flags = ""]) =>
        flags.split(", ").map((flag) => flag.replace(/ .*/, "")),
      );
      expect(await complete(machine, `magnets ${command} -`)).toEqual([...new Set(shown)].sort());
    },
  );

  test.for<[string, string[]]>([
    ["magnets --log-level ", ["DEBUG", "ERROR", "INFO", "WARNING"]],
    ["magnets --log-level=W", ["WARNING"]],
    ["magnets run-once --max-deletes ", []],
    ["magnets completion ", ["bash"]],
    ["magnets --log-level DEBUG comp", ["completion"]],
    ["magnets help res", ["reset", "restore"]],
    ["magnets run-once ", []],
    ["magnets -c conf", ["config one.json", "config.json"]],
    ["magnets --config=config.", ["config.json"]],
    ["magnets status --state-dir c", ["confdir"]],
  ])("%s", async ([line, expected], { machine }) => {
    await Promise.all([machine.write("config.json", {}), machine.write("config one.json", {})]);
    await mkdir(join(machine.home, "confdir"));
    const found = await complete(machine, line);
    expect(found.filter((name) => !/^confdir$/.test(name) || expected.includes("confdir"))).toEqual(expected);
  });

  test("completes ids from the state, those not given yet", async ({ machine }) => {
    const { alldebrid } = machine;
    await machine.configure({ max_retries: 2 });
    const account = alldebrid.accounts[0];
    const [lost, later] = [
      account?.add({ life: neverRecovers(0) }),
      account?.add({ life: { now: "ready" } }),
    ];
    await machine.run(["run-once"]);
    expect(await complete(machine, "magnets reset ")).toEqual([String(lost?.id), "main"]);
    expect(await complete(machine, `magnets reset ${lost?.id} `)).toEqual(["main"]);
    await machine.run(["run-once"]);
    later?.become("failing", alldebrid.clock.now());
    await machine.run(["run-once"]);
    expect(await complete(machine, "magnets reset 4")).toEqual([String(later?.id)]);
    expect(await complete(machine, "magnets restore ")).toEqual([String(lost?.id)]);
    expect(await complete(machine, "magnets --state-dir elsewhere restore ")).toEqual([]);
    expect(await complete(machine, "magnets restore --state-dir=.local/state/magnets ")).toEqual([
      String(lost?.id),
    ]);
  });
});

describe.concurrent("accounts whose names have blanks", () => {
  test.for<[string, string]>([
    ["magnets reset ", "account\\ 1"],
    ["magnets reset acc", "account\\ 1"],
    ['magnets reset "acc', "account 1"],
    ["magnets reset 'acc", "account 1"],
    ["magnets reset b", ""],
  ])("%s", async ([line, expected], { machine }) => {
    await machine.configure({ api_keys: ["SomeKeyOfTheTests0009"] });
    await machine.write(".local/state/magnets/accounts.json", {
      version: 1,
      accounts: { aaaa: { name: "account 1", keys: [fingerprint("SomeKeyOfTheTests0009")] } },
    });
    await machine.write(".local/state/magnets/retry_counts.json", {
      11: { fails: 3, last_status: "error", account: "aaaa" },
    });
    expect((await complete(machine, line)).filter((word) => word !== "11").join()).toEqual(expected);
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
  expect(await machine.run(["completion"])).toMatchObject({ code: 2, stdout: "" });
  expect(await machine.run(["completion", "tcsh"])).toMatchObject({ code: 2, stdout: "" });
});
