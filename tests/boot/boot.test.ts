import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AllDebridSandbox, startAllDebrid } from "../../examples/sandbox/alldebrid.ts";
import { type DiscordSandbox, startDiscord } from "../../examples/sandbox/discord.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { Container } from "./container.ts";
import { unpackDebian, whyNoDebian } from "./debian-tree.ts";

const root = resolve(import.meta.dirname, "../..");
const cache = process.env.MAGNETS_BOOT_CACHE ?? "/var/cache/magnets-boot";
const skipped = whyNoDebian();
if (skipped !== null) console.log(`test:boot skipped: ${skipped}`);

const KEY = "b00tTestKey1234567890";
const CONFIG = "/etc/magnets/config.json";
const STATE = "/var/lib/magnets";
const NEVER = "2099-01-01";
const OFTEN = "*:*:0/2";
/** Named by a stranger who would like to write an emergency into the journal. */
const HOSTILE = "Show.S01\n<0>kernel: panic\u001b[31m.mkv";
const ORIGINAL_UNIT = "[Service]\nExecStart=/usr/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n";

let work: string;
let debian: Container;
let alldebrid: AllDebridSandbox;
let discord: DiscordSandbox;

/** Builds the package and one that is newer by name only. */
async function buildPackages(target: string): Promise<void> {
  execFileSync("npm", ["run", "--silent", "package:deb", "--", work], { cwd: root, stdio: "pipe" });
  const deb = (await readdir(work)).find((name) => name.endsWith(".deb")) ?? "";
  const unpacked = join(work, "newer");
  execFileSync("dpkg-deb", ["-R", join(work, deb), unpacked]);
  execFileSync("sed", ["-i", "s/^Version: .*/&+newer/", join(unpacked, "DEBIAN/control")]);
  execFileSync("dpkg-deb", ["--root-owner-group", "-b", unpacked, join(target, "magnets-newer.deb")]);
  execFileSync("mv", [join(work, deb), join(target, "magnets.deb")]);
  execFileSync("npm", ["pack", "--silent", "--pack-destination", target], { cwd: root, stdio: "pipe" });
}

/** Writes a file in the container. */
const put = (path: string, content: string) => writeFile(join(debian.folder, path), content);

/** Replaces the configuration's text and keeps the file, its owner and its mode. */
const configure = (config: Record<string, unknown>) =>
  put(
    CONFIG,
    JSON.stringify({ api_keys: [KEY], discord_webhook_url: discord.url, max_retries: 3, ...config }),
  );

/** The service's timer fires on `calendar` instead of every half an hour. */
async function schedule(calendar: string): Promise<void> {
  const dropIn = `[Timer]\nOnCalendar=\nOnCalendar=${calendar}\nRandomizedDelaySec=0\nAccuracySec=100ms\n`;
  await debian.must("mkdir -p /etc/systemd/system/magnets.timer.d");
  await put("/etc/systemd/system/magnets.timer.d/test.conf", dropIn);
  await debian.must("systemctl daemon-reload");
  if ((await debian.run("systemctl is-active magnets.timer")).code === 0) {
    await debian.must("systemctl restart magnets.timer");
  }
}

/** Points the service at the sandbox; a person's own commands are with `magnets`. */
async function useSandbox(): Promise<void> {
  await debian.must("mkdir -p /etc/systemd/system/magnets.service.d");
  // More starts in ten seconds than systemd allows by itself.
  const dropIn = `[Unit]\nStartLimitIntervalSec=0\n[Service]\nEnvironment=MAGNETS_API_URL=${alldebrid.url}\n`;
  await put("/etc/systemd/system/magnets.service.d/test.conf", dropIn);
  await debian.must("systemctl daemon-reload");
}

/** `sudo magnets …`, which needs to be told of the sandbox and of nothing else. */
const magnets = (args: string) => debian.run(`sudo MAGNETS_API_URL=${alldebrid.url} magnets ${args}`);

const sweepByService = () => debian.run("systemctl start magnets.service");
const property = (name: string) => debian.must(`systemctl show --value -p ${name} magnets.service`);
const sweepEnd = () =>
  debian.until("systemctl show --value -p ActiveState magnets.service", (it) => !it.includes("ing"));

async function counters(): Promise<Record<string, { fails: number }>> {
  return JSON.parse(await debian.must(`cat ${STATE}/retry_counts.json`));
}

/** Owner and mode of the state folder and of all in it, each once. */
const stateModes = () => debian.must(`find ${STATE} -printf '%y %u:%g %m\\n' | sort -u`);
const SERVICE_OWNED = "d magnets:magnets 700\nf magnets:magnets 600";

/** Lets the timer start a sweep, calls `meanwhile` while AllDebrid keeps it waiting, and sees it end. */
async function timedSweep(trigger: () => Promise<void>, meanwhile: () => Promise<void>): Promise<void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const before = alldebrid.requestsTo("status").length;
  alldebrid.fault("status", { kind: "hold", until: released }, { times: 1 });
  try {
    await trigger();
    await alldebrid.seen("status", before + 1);
    await schedule(NEVER);
    await meanwhile();
  } finally {
    release();
  }
  await sweepEnd();
}

describe.skipIf(skipped !== null)("a Debian 13 of its own", () => {
  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), "magnets-boot-"));
    const folder = join(work, "debian");
    unpackDebian(folder, cache);
    await buildPackages(join(folder, "root"));
    const account = { key: KEY, magnets: [{ id: 1001, life: neverRecovers(0) }] };
    alldebrid = await startAllDebrid({ accounts: [account] });
    alldebrid.account(KEY).add({ id: 1002, filename: HOSTILE, life: neverRecovers(0) });
    discord = await startDiscord();
    debian = await Container.boot(folder);
  });

  afterAll(async () => {
    await debian?.shutDown();
    await alldebrid?.close();
    await discord?.close();
    if (work !== undefined) await rm(work, { recursive: true, force: true });
  });

  test("runs Debian 13 with its own Node 20.19 and systemd as PID 1", async () => {
    expect(await debian.must("cat /etc/debian_version")).toMatch(/^13/);
    expect(await debian.must("/usr/bin/node --version")).toMatch(/^v20\.19\./);
    expect(await debian.must("cat /proc/1/comm")).toBe("systemd");
  });

  test("apt installs the package, which makes user, folders and config, and starts nothing", async () => {
    await put("/etc/systemd/system/manage-magnets.service", ORIGINAL_UNIT);
    await debian.must("systemctl daemon-reload && systemctl start manage-magnets.service");
    const output = await debian.must("apt-get install -y /root/magnets.deb");
    expect(output).toContain("WARNING: manage-magnets.service is active");
    await debian.must("systemctl stop manage-magnets.service");
    await debian.must("rm /etc/systemd/system/manage-magnets.service");

    expect(await debian.must("stat -c '%U:%G %a' /etc/magnets")).toBe("root:magnets 750");
    expect(await debian.must(`stat -c '%U:%G %a' ${CONFIG}`)).toBe("root:magnets 640");
    expect(await debian.must(`stat -c '%U:%G %a' ${STATE}`)).toBe("magnets:magnets 700");
    expect(await debian.must("getent passwd magnets")).toMatch(/:\/nonexistent:\/usr\/sbin\/nologin$/);
    expect((await debian.run("systemctl is-enabled magnets.timer")).output.trim()).toBe("disabled");
    expect((await debian.run("systemctl is-active magnets.timer")).output.trim()).toBe("inactive");
    expect(await debian.must("magnets --version")).toContain("1.");
    expect(await debian.must("zcat /usr/share/man/man1/magnets.1.gz")).toContain("run\\-once");
  });

  test("the example config, not filled in yet, fails and says so in systemctl status", async () => {
    await useSandbox();
    expect((await sweepByService()).code).not.toBe(0);
    expect(await property("ExecMainStatus")).toBe("2");
    const { output } = await debian.run("systemctl status --no-pager magnets.service");
    expect(output).toMatch(/failed/);
    expect(output).toMatch(/config\.json: api_keys/);
    expect(alldebrid.requests).toEqual([]);
  });

  test("a config error shows clearly in systemctl status", async () => {
    await configure({ max_retrys: 3 });
    expect((await sweepByService()).code).not.toBe(0);
    expect(await property("ExecMainStatus")).toBe("2");
    const { output } = await debian.run("systemctl status --no-pager magnets.service");
    expect(output).toMatch(/config\.json: .*max_retrys.*max_retries/);
  });

  test("the timer fires: a sweep under the sandbox, and a sweep by hand meanwhile exits 75", async () => {
    await configure({});
    const enable = async () => {
      await schedule(OFTEN);
      await debian.must("systemctl enable --now magnets.timer");
    };
    await timedSweep(enable, async () => {
      const pid = await property("MainPID");
      const process = await debian.must(`cat /proc/${pid}/status`);
      expect(process).toMatch(/^Seccomp:\t2$/m);
      expect(process).toMatch(/^NoNewPrivs:\t1$/m);
      expect(process).toMatch(/^CapEff:\t0+$/m);
      expect(await debian.must(`stat -c %U /proc/${pid}`)).toBe("magnets");
      const inside = `nsenter -t ${pid} -m`;
      expect((await debian.run(`${inside} touch /usr/x`)).output).toContain("Read-only file system");
      expect(await debian.must(`${inside} ls -A /root`)).toBe("");

      const { code, output } = await magnets("run-once");
      expect(code, output).toBe(75);
    });
    expect(await property("Result")).toBe("success");
    expect(await counters()).toMatchObject({ 1001: { fails: 1 }, 1002: { fails: 1 } });
    expect(alldebrid.requestsTo("restart").length).toBeGreaterThan(0);
    expect(await stateModes()).toBe(SERVICE_OWNED);
  });

  test("the journal has the right priorities, and a stranger's name forges none", async () => {
    const lines = await debian.must(
      "journalctl -u magnets.service -o json --no-pager SYSLOG_IDENTIFIER=magnets",
    );
    const entries = lines.split("\n").map((line) => JSON.parse(line));
    expect(entries.some(({ PRIORITY }) => PRIORITY === "6")).toBe(true);
    expect(entries.filter(({ MESSAGE }) => typeof MESSAGE !== "string" || MESSAGE.startsWith("<"))).toEqual(
      [],
    );
    // The config errors of the tests before; nothing of the sweep that went well.
    expect(await debian.must("journalctl -u magnets.service --no-pager -p err")).toContain("max_retrys");
    expect(await debian.must("journalctl --no-pager -p emerg")).not.toContain("panic");
  });

  test("state survives a reboot, after which the timer goes on by itself", async () => {
    const reboot = async () => {
      await schedule(OFTEN);
      await debian.shutDown();
      debian = await Container.boot(debian.folder);
    };
    await debian.must("systemctl stop magnets.timer");
    await timedSweep(reboot, async () => {});
    expect(await counters()).toMatchObject({ 1001: { fails: 2 }, 1002: { fails: 2 } });
    expect(await property("Result")).toBe("success");
  });

  test("sudo magnets run-once acts on the service's config and state, and leaves them the service's", async () => {
    const { code, output } = await magnets("run-once");
    expect(code, output).toBe(0);
    expect(discord.embeds).toHaveLength(2);
    expect(await counters()).toEqual({});
    expect(await stateModes()).toBe(SERVICE_OWNED);
    expect(await debian.must(`wc -l < ${STATE}/deletions.jsonl`)).toBe("2");
    expect((await sweepByService()).code).toBe(0);
  });

  test("sudo magnets status and reset do, too", async () => {
    alldebrid.account(KEY).add({ id: 1003, life: neverRecovers(0) });
    await sweepByService();
    expect((await magnets("status")).output).toContain("1003");
    const { code, output } = await magnets("reset");
    expect(code, output).toBe(0);
    expect(await counters()).toEqual({});
    expect(await stateModes()).toBe(SERVICE_OWNED);
    expect((await sweepByService()).code).toBe(0);
    expect(await counters()).toMatchObject({ 1003: { fails: 1 } });
  });

  test("a wrong key shows clearly in systemctl status; the timer goes on; the next good sweep clears it", async () => {
    await configure({ api_keys: [{ name: "main", key: "wr0ngKey1234567890" }] });
    expect((await sweepByService()).code).not.toBe(0);
    expect(await property("ExecMainStatus")).toBe("3");
    const { output } = await debian.run("systemctl status --no-pager magnets.service");
    expect(output).toMatch(/main: .*key/i);
    expect(output).not.toContain("wr0ngKey");
    expect(await debian.must("journalctl -u magnets.service --no-pager -p warning -n 5")).toMatch(
      /main: .*key/i,
    );
    expect(await debian.must("systemctl is-active magnets.timer")).toBe("active");
    expect(await counters()).toMatchObject({ 1003: { fails: 1 } });
    await configure({ max_retries: 50 });
    expect((await sweepByService()).code).toBe(0);
    expect(await property("ActiveState")).toBe("inactive");
  });

  test("an upgrade keeps state, config and the timer", async () => {
    const before = await debian.must(`cat ${CONFIG} ${STATE}/*`);
    await debian.must("apt-get install -y /root/magnets-newer.deb");
    expect(await debian.must("dpkg -s magnets")).toMatch(/^Version: .*\+newer$/m);
    expect(await debian.must(`cat ${CONFIG} ${STATE}/*`)).toBe(before);
    expect(await debian.must("systemctl is-enabled magnets.timer")).toBe("enabled");
    expect(await debian.must("systemctl is-active magnets.timer")).toBe("active");
    expect((await sweepByService()).code).toBe(0);
  });

  test("remove stops the timer and keeps state and config", async () => {
    await debian.must("apt-get remove -y magnets");
    expect((await debian.run("systemctl is-active magnets.timer")).output.trim()).toBe("inactive");
    await debian.must(
      `test -s ${CONFIG} && test -s ${STATE}/retry_counts.json && ! test -e /usr/bin/magnets`,
    );
  });

  test("purge leaves nothing", async () => {
    await debian.must("apt-get purge -y magnets");
    await debian.must("rm -r /etc/systemd/system/magnets.*.d");
    expect(await leftovers()).toBe("");
    expect((await debian.run("getent passwd magnets; getent group magnets")).output).toBe("");
  });

  test("install.sh installs from the unpacked npm tarball, twice over, and the service sweeps", async () => {
    await debian.must(
      "mkdir /root/unpacked && tar -xzf /root/magnets-*.tgz -C /root/unpacked --strip-components=1",
    );
    const shown = await debian.must("/root/unpacked/deploy/install.sh --dry-run");
    expect(shown).toContain("Nothing was changed.");
    expect(await leftovers()).toBe("");
    await debian.must("/root/unpacked/deploy/install.sh");
    await useSandbox();
    await configure({ max_retries: 50 });
    expect((await sweepByService()).code).toBe(0);
    const before = await debian.must(`cat ${CONFIG} ${STATE}/*`);
    expect(await debian.must("/root/unpacked/deploy/install.sh")).toContain("stays as it is");
    expect(await debian.must(`cat ${CONFIG} ${STATE}/*`)).toBe(before);
    expect(await debian.must("sudo magnets status")).toContain("1003");
    expect(await stateModes()).toBe(SERVICE_OWNED);
    expect(await debian.must(`stat -c '%U:%G %a' ${CONFIG}`)).toBe("root:magnets 640");
  });

  test("uninstall.sh keeps config and state, and takes them with --purge", async () => {
    await debian.must("systemctl enable --now magnets.timer");
    await debian.must("/root/unpacked/deploy/uninstall.sh");
    await debian.must(
      `test -s ${CONFIG} && test -s ${STATE}/retry_counts.json && ! test -e /usr/local/bin/magnets`,
    );
    await debian.must("/root/unpacked/deploy/uninstall.sh --purge");
    await debian.must("rm -r /etc/systemd/system/magnets.*.d");
    expect(await leftovers()).toBe("");
    expect((await debian.run("getent passwd magnets; getent group magnets")).output).toBe("");
  });

  /** Every file of that name outside the folders where this test put its packages. */
  async function leftovers(): Promise<string> {
    const places = "-path /proc -o -path /sys -o -path /root -o -path /run/systemd/units";
    return debian.must(`find / \\( ${places} \\) -prune -o -iname '*magnets*' -print`);
  }
});
