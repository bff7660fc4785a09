import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { createGate } from "../support/gate.ts";
import { MAIN_KEY, type Machine, SPARE_KEY, test } from "../support/machine.ts";
import { startMonitor } from "../support/monitor.ts";
import { snapshotFolder } from "../support/snapshot-folder.ts";

/** What the machine's `systemctl show` answers, by unit; a unit without an answer is not found. */
type Units = Readonly<Record<string, Readonly<Record<string, string>>>>;

const ACTIVE_TIMER = {
  LoadState: "loaded",
  ActiveState: "active",
  NextElapseUSecRealtime: "Sat 2099-01-03 10:30:00 UTC",
  TimersCalendar: "{ OnCalendar=*-*-* *:00/30:00 ; next_elapse=Sat 2099-01-03 10:30:00 UTC }",
};
const SERVICE = { LoadState: "loaded", Result: "success", ExecMainStatus: "0" };
const HALF_HOURLY = "Next elapse: Sat 2099-01-03 10:30:00 UTC\nIter. #2: Sat 2099-01-03 11:00:00 UTC";

/** Puts programs first in PATH that say these things. */
async function withSystem(
  machine: Machine,
  system: { units?: Units; calendar?: string; crontab?: string; without?: string },
): Promise<Record<string, string>> {
  const bin = join(machine.home, "bin");
  await rm(bin, { recursive: true, force: true });
  await mkdir(bin);
  const program = async (name: string, script: string) => {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  };
  const answers = Object.entries(system.units ?? {}).map(([unit, properties]) => {
    const text = Object.entries(properties).map(([key, value]) => `${key}=${value}`);
    return `${unit}) cat <<'END'\n${text.join("\n")}\nEND\n;;`;
  });
  const show = `case "$2" in\n${answers.join("\n")}\n*) echo LoadState=not-found;;\nesac`;
  await program("systemctl", system.units ? show : "exit 1");
  await program("systemd-analyze", system.calendar ? `cat <<'END'\n${system.calendar}\nEND` : "exit 1");
  await program("crontab", system.crontab ? `cat <<'END'\n${system.crontab}\nEND` : "exit 1");
  const path = system.without === "flock" ? bin : `${bin}${delimiter}${process.env.PATH}`;
  return { PATH: path };
}

const FITTING = {
  units: { "magnets.timer": ACTIVE_TIMER, "magnets.service": SERVICE },
  calendar: HALF_HOURLY,
};

// biome-ignore lint/suspicious/noExplicitAny: findings are compared as a whole
async function findings(machine: Machine, env: Record<string, string>): Promise<any[]> {
  const { stdout } = await machine.run(["check", "--json"], { env });
  return JSON.parse(stdout).checks;
}

describe("check", () => {
  test("says that all is well, and changes nothing", async ({ machine, onTestFinished }) => {
    const env = await withSystem(machine, FITTING);
    const monitor = await startMonitor();
    onTestFinished(() => monitor.close());
    await machine.configure({ healthcheck_url: monitor.healthchecks });
    const before = await snapshotFolder(machine.home);
    const { code, stdout, stderr } = await machine.run(["check"], { env });
    expect(stderr).toBe("");
    expect(stdout.split("\n").map((line) => line.replace(machine.home, "HOME"))).toEqual([
      expect.stringMatching(/^✓ node {5}Node\.js \d+\.\d+\.\d+$/),
      "✓ config   HOME/.config/magnets/config.json",
      expect.stringMatching(
        /^✓ key {6}main: the key works \(user main\), premium until 20\d\d-\d\d-\d\d \(in \d+ days\)$/,
      ),
      expect.stringMatching(
        /^✓ webhook {2}Discord knows it as ".+"; to see a message, run magnets test-webhook$/,
      ),
      expect.stringMatching(/^✓ monitor {2}127\.0\.0\.1:\d+ knows the check$/),
      "✓ state    HOME/.local/state/magnets does not exist yet: the first sweep will create it",
      "✓ files    all can be read: 0 counters, 0 recorded deletions",
      "✓ lock     free: a sweep could start now",
      expect.stringMatching(/^✓ timer {4}magnets\.timer fires next in \d+ years, every 30 min$/),
      "✓ clock    agrees with AllDebrid's",
      "",
      "All is well",
      "",
    ]);
    expect(code).toBe(0);
    expect(await snapshotFolder(machine.home)).toEqual(before);
    expect(machine.alldebrid.requests.map(({ endpoint }) => endpoint)).toEqual(["user"]);
    expect(machine.discord.requests.map(({ method }) => method)).toEqual(["GET"]);
    expect(monitor.pings()).toEqual(["GET /log"]);
  });

  test("says what the monitor does not know, and that there is none", async ({ machine, onTestFinished }) => {
    const env = await withSystem(machine, FITTING);
    const none = await machine.run(["check"], { env });
    expect(none.stdout).toMatch(/! monitor +none is configured: .*\n +→ set healthcheck_url/);
    expect(none.code).toBe(0);
    const monitor = await startMonitor();
    onTestFinished(() => monitor.close());
    await machine.configure({ healthcheck_url: monitor.healthchecks });
    monitor.fault("*", { kind: "http", status: 200, body: "OK (not found)" });
    const unknown = await machine.run(["check"], { env });
    expect(unknown.stdout).toMatch(/✗ monitor +127\.0\.0\.1:\d+: the monitor does not know this check/);
    expect(unknown.code).toBe(1);
    await machine.configure({ healthcheck_url: monitor.uptimeKuma });
    expect((await machine.run(["check"], { env })).stdout).toMatch(/✓ monitor +127\.0\.0\.1:\d+ responds; /);
  });

  test("prints one JSON document", async ({ machine }) => {
    const env = await withSystem(machine, FITTING);
    const { code, stdout } = await machine.run(["check", "--json"], { env });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ version: 1, exit_code: 0 });
    expect(report.checks).toContainEqual({
      name: "lock",
      result: "ok",
      message: "free: a sweep could start now",
      remedy: null,
    });
    expect(code).toBe(0);
  });

  test("lists every problem of the configuration and looks at the rest all the same", async ({ machine }) => {
    const env = await withSystem(machine, FITTING);
    const api_keys = [{ name: "main", key: MAIN_KEY }, "VOTRE_CLE_API_1"];
    await machine.configure({ api_keys, discord_webhook_url: "https://example.org/" });
    const { code, stdout } = await machine.run(["check"], { env });
    expect(stdout).toMatch(/✗ config +config\.json: api_keys: key 2 is a placeholder/);
    expect(stdout).toMatch(/✗ config +config\.json: discord_webhook_url: /);
    expect(stdout).toMatch(/→ Correct these in /);
    expect(stdout).toMatch(/✓ key +main: the key works/);
    // What can't be read is not judged.
    expect(stdout).not.toMatch(/^. webhook/m);
    expect(stdout).toMatch(/✓ timer/);
    expect(stdout).toContain("\n2 failures\n");
    expect(code).toBe(1);
  });

  test("says so when there is no configuration at all", async ({ machine }) => {
    const env = await withSystem(machine, FITTING);
    await rm(machine.config);
    const { code, stdout } = await machine.run(["check"], { env });
    expect(stdout).toMatch(/✗ config +no configuration found/);
    expect(code).toBe(1);
  });

  test("exits 2 for a wrong option", async ({ machine }) => {
    expect((await machine.run(["check", "--wrong"])).code).toBe(2);
    expect((await machine.run(["check", "--log-level", "LOUD"])).code).toBe(2);
  });

  test("tells each account's trouble and premium's end", async ({ machine }) => {
    const env = await withSystem(machine, FITTING);
    const keys = [
      { name: "main", key: MAIN_KEY },
      { name: "spare", key: SPARE_KEY },
    ];
    await machine.configure({ api_keys: keys });
    const { alldebrid } = machine;
    alldebrid.account(MAIN_KEY).trouble = "bad-key";
    alldebrid.account(SPARE_KEY).premiumUntil = new Date(Date.now() + 3.5 * 86_400_000);
    const key = async () => (await findings(machine, env)).filter(({ name }) => name === "key");
    expect(await key()).toMatchObject([
      { result: "failed", message: expect.stringMatching(/^main: the API key is wrong.*AUTH_BAD_APIKEY/) },
      { result: "warning", message: expect.stringMatching(/^spare: .*premium ends 20.* \(in 3 days\)$/) },
    ]);
    alldebrid.account(MAIN_KEY).trouble = null;
    alldebrid.account(MAIN_KEY).trial = true;
    alldebrid.account(SPARE_KEY).premiumUntil = new Date(0);
    expect(await key()).toMatchObject([
      { result: "ok", message: expect.stringContaining("on trial") },
      { result: "failed", message: expect.stringContaining("premium has ended") },
    ]);
  });

  test("finds a dead webhook, and needs none", async ({ machine }) => {
    const env = await withSystem(machine, FITTING);
    machine.discord.fault("*", {
      kind: "http",
      status: 404,
      body: '{"code":10015,"message":"Unknown Webhook"}',
    });
    const dead = await machine.run(["check"], { env });
    expect(dead.stdout).toMatch(/✗ webhook +GET .*404 \(10015\).*\n +→ create a new webhook/);
    expect(dead.code).toBe(1);
    await machine.configure({ discord_webhook_url: "" });
    expect((await machine.run(["check"], { env })).code).toBe(0);
  });

  test("says when the service goes through another proxy", async ({ machine }) => {
    const HTTPS_PROXY = "http://a.example:3128";
    const MAGNETS_API_URL = "https://api.alldebrid.test";
    const check = async (Environment: string) => {
      const units = { ...FITTING.units, "magnets.service": { ...SERVICE, Environment } };
      const env = await withSystem(machine, { ...FITTING, units });
      const { stdout } = await machine.run(["check"], { env: { ...env, HTTPS_PROXY, MAGNETS_API_URL } });
      return stdout;
    };
    const ways = "api.alldebrid.test through http://a.example:3128 (HTTPS_PROXY), 127.0.0.1 directly";
    expect(await check("")).toContain(`✓ proxy    ${ways}\n`);
    expect(await check('"A=b c" https_proxy=http://a.example:3128 LANG=C')).not.toContain("magnets.service");
    const other = await check("HTTPS_PROXY=http://u:pr0xyPassword@b.example:8080");
    expect(other).toMatch(
      /! proxy +magnets\.service goes another way .*api\.alldebrid\.test through http:\/\/b\.example:8080 /,
    );
    expect(other).toMatch(/→ make them agree: .*systemctl edit magnets\.service/);
    expect(other).not.toContain("pr0xyPassword");
  });

  test("says what a thread needs, and what keeps messages out of it", async ({ machine }) => {
    const env = await withSystem(machine, FITTING);
    await machine.configure({ discord_webhook_url: `${machine.discord.url}?thread_id=77`, max_retries: 1 });
    const before = await machine.run(["check"], { env });
    expect(before.stdout).toMatch(
      /✓ webhook .*; whether its thread takes messages only magnets test-webhook/,
    );

    const body = '{"code":50083,"message":"Thread is archived"}';
    machine.discord.fault("webhook", { kind: "http", status: 400, body });
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    expect((await machine.run(["run-once"])).code).toBe(3);
    machine.discord.clearFaults();
    const remedy = /reopen it in Discord, or change thread_id/;
    const check = await machine.run(["check"], { env });
    expect(check.code).toBe(1);
    expect(check.stdout).toMatch(
      /✗ webhook .*refused the last message: .*Thread is archived\n +→ .*reopen it/,
    );
    expect(check.stdout).toMatch(remedy);
    expect((await machine.run(["status"])).stdout).toMatch(remedy);

    expect((await machine.run(["test-webhook"])).code).toBe(0);
    expect((await machine.run(["status"])).stdout).not.toMatch(remedy);
    expect((await machine.run(["check"], { env })).stdout).toMatch(/✓ webhook/);
  });

  test("finds damaged state and leaves it as it is", async ({ machine }) => {
    const env = await withSystem(machine, FITTING);
    await machine.write(".local/state/magnets/retry_counts.json", "{");
    await machine.write(".local/state/magnets/deletions.jsonl", "{}\n");
    await chmod(machine.state, 0o755);
    const before = await snapshotFolder(machine.home);
    const { code, stdout } = await machine.run(["check"], { env });
    expect(stdout).toMatch(/! state +.*open to other users\n +→ chmod 700 /);
    expect(stdout).toMatch(/✗ files +retry_counts\.json is corrupt/);
    expect(stdout).toMatch(/! files +deletions\.jsonl: line 1 can't be read/);
    expect(code).toBe(1);
    expect(await snapshotFolder(machine.home)).toEqual(before);
  });

  test("finds a state folder that is a file", async ({ machine }) => {
    const env = await withSystem(machine, FITTING);
    await machine.write(".local/state/magnets", "");
    const { code, stdout } = await machine.run(["check"], { env });
    expect(stdout).toMatch(/✗ state +.* is not a folder/);
    expect(code).toBe(1);
  });

  test("warns of a sweep under way", async ({ machine }) => {
    const env = await withSystem(machine, FITTING);
    const gate = createGate();
    machine.alldebrid.fault("status", { kind: "hold", until: gate.opened });
    const sweep = machine.start(["run-once"]);
    await machine.alldebrid.seen("status");
    const { code, stdout } = await machine.run(["check"], { env });
    gate.open();
    await sweep.finished;
    expect(stdout).toMatch(/! lock +a sweep is running/);
    expect(code).toBe(0);
  });

  test("misses flock", async ({ machine }) => {
    const env = await withSystem(machine, { ...FITTING, without: "flock" });
    const lock = (await findings(machine, env)).find(({ name }) => name === "lock");
    expect(lock).toMatchObject({
      result: "failed",
      remedy: expect.stringMatching(/^(sudo )?apt install util-linux$/),
    });
  });

  test("finds a clock that is wrong", async ({ machine }) => {
    const env = await withSystem(machine, FITTING);
    machine.alldebrid.fault("user", {
      kind: "handler",
      handle: (_, response, carryOut) => {
        const date = new Date(Date.now() + 3 * 3_600_000).toUTCString();
        response.writeHead(200, { date, "content-type": "application/json" }).end(carryOut().body);
      },
    });
    const { code, stdout } = await machine.run(["check"], { env });
    expect(stdout).toMatch(/✗ clock +is 1(79|80) min behind AllDebrid's\n +→ .*set-ntp/);
    expect(code).toBe(1);
  });
});

describe("check of the timer", () => {
  const timerOf = async (machine: Machine, system: Parameters<typeof withSystem>[1]) => {
    const env = await withSystem(machine, system);
    return (await findings(machine, env)).filter(({ name }) =>
      ["timer", "service", "original"].includes(name),
    );
  };

  test("fails where systemd runs and nothing starts sweeps", async ({ machine }) => {
    expect(await timerOf(machine, { units: {} })).toMatchObject([
      { result: "failed", message: expect.stringContaining("not installed") },
    ]);
    // Not yet enabled, as README has it at its third line, it is only to be expected.
    const inactive = { ...ACTIVE_TIMER, ActiveState: "inactive", UnitFileState: "disabled" };
    const timer = async (unit: Record<string, string>) =>
      timerOf(machine, { units: { "magnets.timer": unit } });
    const remedy = expect.stringMatching(/^(sudo )?systemctl enable --now magnets\.timer$/);
    expect(await timer(inactive)).toMatchObject([{ result: "warning", remedy }]);
    expect(await timer({ ...inactive, UnitFileState: "enabled" })).toMatchObject([
      { result: "failed", remedy },
    ]);
    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(await timer(inactive)).toMatchObject([{ result: "failed", remedy }]);
  });

  test("takes a crontab for a timer, with and without systemd", async ({ machine }) => {
    const crontab = "PATH=/usr/bin\n# magnets run-once\n*/30 * * * * out=$(magnets run-once 2>&1)";
    for (const system of [{ crontab }, { crontab, units: {} }]) {
      expect(await timerOf(machine, system)).toMatchObject([
        { result: "ok", message: "cron starts sweeps, every 30 min" },
      ]);
    }
    const rare = await timerOf(machine, { crontab: "0 * * * * magnets run-once" });
    expect(rare).toMatchObject([
      { result: "warning", message: expect.stringContaining("cycle_seconds is 1800") },
    ]);
  });

  test("reads crontabs as cron does", async ({ machine }) => {
    const of = async (crontab: string) => (await timerOf(machine, { crontab }))[0];
    expect(await of("*/30 * * * * magnets run-once --dry-run")).toMatchObject({ result: "warning" });
    expect(await of("@reboot magnets run-once")).toMatchObject({
      result: "failed",
      message: expect.stringContaining("boots"),
    });
    expect(await of("*/45 * * * * magnets run-once")).toMatchObject({
      result: "warning",
      message: "cron starts sweeps, 15 min to 45 min apart, but cycle_seconds is 1800",
    });
    expect(await of("@daily magnets run-once")).toMatchObject({
      result: "failed",
      message: expect.stringContaining("every 24 h"),
      remedy: expect.stringContaining('"cycle_seconds": 86400'),
    });
  });

  test.for([
    ["217", "USER", "PrivateUsers=no"],
    ["226", "NAMESPACE", "PrivateTmp=no"],
  ])("explains why the unit ends with %s, with what to paste", async ([code, name, line], { machine }) => {
    const service = { ...SERVICE, Result: "exit-code", ExecMainStatus: code ?? "" };
    const units = { "magnets.timer": ACTIVE_TIMER, "magnets.service": service };
    const [, finding] = await timerOf(machine, { units, calendar: HALF_HOURLY });
    expect(finding.result).toBe("failed");
    expect(finding.message).toContain(`exit code ${code} (${name})`);
    const [advice, section, ...lines] = finding.remedy.split("\n");
    expect(advice).toMatch(/systemctl edit magnets\.service, and paste:$/);
    expect([section, lines.includes(line)]).toEqual(["[Service]", true]);
  });

  test("explains why the unit ends with 203", async ({ machine }) => {
    const service = { ...SERVICE, Result: "exit-code", ExecMainStatus: "203" };
    const units = { "magnets.timer": ACTIVE_TIMER, "magnets.service": service };
    const [, finding] = await timerOf(machine, { units, calendar: HALF_HOURLY });
    expect(finding).toMatchObject({ result: "failed", message: expect.stringContaining("203 (EXEC)") });
    expect(finding.remedy).toContain("apt install nodejs");
  });

  test("only warns where there is neither systemd nor a crontab", async ({ machine }) => {
    expect(await timerOf(machine, {})).toMatchObject([{ result: "warning" }]);
    const env = await withSystem(machine, { crontab: "# magnets run-once" });
    expect((await machine.run(["check"], { env })).code).toBe(0);
  });

  test("is told by $MAGNETS_STARTED_BY what starts sweeps where neither systemd nor cron does", async ({
    machine,
  }) => {
    const startedBy = { MAGNETS_STARTED_BY: "a container" };
    const env = { ...(await withSystem(machine, {})), ...startedBy };
    const { stdout } = await machine.run(["check"], { env });
    expect(stdout).toMatch(/^✓ timer +sweeps are started by a container$/m);
    expect(stdout).not.toContain("unknown variable");
    const onSystemd = { ...(await withSystem(machine, { units: {} })), ...startedBy };
    expect((await machine.run(["check"], { env: onSystemd })).stdout).toMatch(/^✗ timer/m);
  });

  test("gives the drop-in where the timer does not fit cycle_seconds", async ({ machine }) => {
    await machine.configure({ cycle_seconds: 900 });
    const env = await withSystem(machine, FITTING);
    const { stdout, code } = await machine.run(["check"], { env });
    expect(stdout).toMatch(
      /! timer .*every 30 min, but cycle_seconds is 900\n.*"cycle_seconds": 1800 .*magnets\.timer, and paste:\n +\[Timer\]\n +OnCalendar=\n +OnCalendar=\*:0\/15\n/,
    );
    expect(code).toBe(0);
    const calendar = "Next elapse: Sat 2099-01-03 10:00:00 UTC\nIter. #2: Sun 2099-01-04 10:00:00 UTC";
    expect(await timerOf(machine, { ...FITTING, calendar })).toMatchObject([
      { result: "failed", message: expect.stringContaining("every 24 h") },
    ]);
  });

  test("tells of a run that failed, and of the original beside this one", async ({ machine }) => {
    const units = {
      "magnets.timer": ACTIVE_TIMER,
      "magnets.service": { ...SERVICE, Result: "exit-code", ExecMainStatus: "3" },
      "manage-magnets.service": { LoadState: "loaded", ActiveState: "active" },
    };
    expect(await timerOf(machine, { units, calendar: HALF_HOURLY })).toMatchObject([
      { result: "ok" },
      { result: "warning", message: expect.stringContaining("exit code 3") },
      {
        result: "failed",
        remedy: expect.stringMatching(/^(sudo )?systemctl disable --now manage-magnets\.service$/),
      },
    ]);
  });
});
