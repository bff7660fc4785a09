import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { MAIN_KEY, type Machine, SPARE_KEY, test } from "../support/machine.ts";

const CONFIG = ".config/magnets/config.json";
const STATE = ".local/state/magnets";

/** Runs a sweep that must do nothing but say one line of what is wrong, and returns that line. */
async function refusal(machine: Machine, expected: number, args: readonly string[] = ["run-once"]) {
  const { code, stdout, stderr } = await machine.run(args);
  expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(machine.alldebrid.requests).toEqual([]);
  return stderr;
}

describe.concurrent("a configuration that can't be used exits 2", () => {
  test.skipIf(existsSync("/etc/magnets/config.json"))("there is none", async ({ machine }) => {
    const { code, stdout, stderr } = await machine.run(["run-once"], {
      env: { XDG_CONFIG_HOME: join(machine.home, "empty") },
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/ERROR no configuration found; looked for .*empty\/magnets\/config\.json, \/etc/);
    expect(stderr).toMatch(/MAGNETS_API_KEYS\.\n$/);
  });

  test("it is no JSON: line and column", async ({ machine }) => {
    await machine.write(CONFIG, `{\n  "api_keys": ["${MAIN_KEY}"]\n  "max_retries": 5\n}\n`);
    expect(await refusal(machine, 2)).toMatch(/config\.json: line 3, column 3: .*comma/);
  });

  test("a folder stands in its place", async ({ machine }) => {
    await mkdir(join(machine.home, "folder"));
    const line = await refusal(machine, 2, ["run-once", "--config", "folder"]);
    expect(line).toMatch(/folder can't be read: .*--config/);
  });

  test("an unknown key names the nearest known one", async ({ machine }) => {
    await machine.configure({ max_retry: 3 });
    expect(await refusal(machine, 2)).toContain(
      "config.json: max_retry: unknown key (did you mean max_retries?)",
    );
  });

  test("a placeholder says so", async ({ machine }) => {
    await machine.configure({ api_keys: ["VOTRE_CLE_API_1"] });
    expect(await refusal(machine, 2)).toMatch(/config\.json: api_keys: key 1 is a placeholder/);
  });

  test("every problem is listed at once", async ({ machine }) => {
    await machine.configure({ api_keys: [""], max_retries: 0, log_level: "LOUD", cycle_seconds: "soon" });
    const { code, stderr } = await machine.run(["run-once"]);
    expect(code).toBe(2);
    for (const key of ["api_keys: key 1 is empty", "max_retries: ", "log_level: ", "cycle_seconds: "]) {
      expect(stderr).toContain(`ERROR config.json: ${key}`);
    }
    expect(stderr).toContain(machine.config);
  });
});

describe.concurrent("state that can't be used exits 1", () => {
  test("a file stands in the folder's place", async ({ machine }) => {
    await machine.write(STATE, "not a folder");
    expect(await refusal(machine, 1)).toMatch(
      /magnets\/lock: a part of its path is not a folder; .*--state-dir/,
    );
  });

  test("the folder can't be made", async ({ machine }) => {
    await machine.write("blocked", "");
    const line = await refusal(machine, 1, ["run-once", "--state-dir", "blocked/state"]);
    expect(line).toMatch(/blocked.*--state-dir/);
  });

  test("a file of state is a folder", async ({ machine }) => {
    await mkdir(join(machine.state, "outbox.json"), { recursive: true, mode: 0o700 });
    expect(await refusal(machine, 1)).toMatch(/outbox\.json.*move it away/);
  });

  test.for([["run-once"], ["status"], ["reset"]])(
    "a newer version wrote it: %j leaves it alone",
    async (args, { machine }) => {
      await machine.write(`${STATE}/sweeps.json`, '{"version":2,"sweeps":{}}');
      expect(await refusal(machine, 1, args)).toMatch(/sweeps\.json was written by a newer magnets/);
      expect(await readFile(join(machine.state, "sweeps.json"), "utf8")).toBe('{"version":2,"sweeps":{}}');
      expect((await readdir(machine.state)).filter((name) => name !== "lock")).toEqual(["sweeps.json"]);
    },
  );

  test("flock is missing", async ({ machine }) => {
    const { code, stderr } = await machine.run(["run-once"], { env: { PATH: machine.home } });
    expect(code).toBe(1);
    expect(stderr).toContain("apt install util-linux");
  });
});

describe.concurrent("AllDebrid does not do as asked: exit 3 and a line that says what to do", () => {
  test.for([
    ["bad-key", "https://alldebrid.com/apikeys"],
    ["blocked", "e-mail"],
    ["banned", "support"],
    ["no-server", "https://alldebrid.com/vpn"],
  ] as const)("%s", async ([trouble, advice], { machine }) => {
    machine.alldebrid.account(MAIN_KEY).trouble = trouble;
    const { code, stderr } = await machine.run(["run-once"]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^\S+ ERROR main: /m);
    expect(stderr).toContain(advice);
  });

  test("no network", async ({ machine }) => {
    const { code, stderr } = await machine.run(["run-once"], {
      env: { MAGNETS_API_URL: `http://127.0.0.1:${await closedPort()}` },
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^\S+ ERROR main: the expired and error lists: 127\.0\.0\.1:\d+: .+/);
  });

  test("an answer that is a page of HTML does not get into the log", async ({ machine }) => {
    await machine.configure({ api_keys: [MAIN_KEY, SPARE_KEY] });
    const body = "<html><script>steal()</script></html>";
    machine.alldebrid.fault(({ account }) => account === "main", { kind: "http", status: 403, body });
    const { code, stderr } = await machine.run(["run-once"]);
    expect(code).toBe(3);
    expect(stderr).toContain("403");
    expect(stderr).not.toContain("steal");
  });
});

/** A port that nothing listens on: one that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}
