import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { buildPackageIn, buildPackages } from "./build-packages.ts";
import { Container } from "./container.ts";
import { RELEASES } from "./debian-tree.ts";
import { CONFIG, KEY, NEVER, OFTEN, STATE, Stand } from "./stand.ts";

/** Named by a stranger who would like to write an emergency into the journal. */
const HOSTILE = "Show.S01\n<0>kernel: panic\u001b[31m.mkv";
const ORIGINAL_UNIT = "[Service]\nExecStart=/usr/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n";
const SERVICE_OWNED = "d magnets:magnets 700\nf magnets:magnets 600";

const ORIGINAL = "/srv/original";

/** The lines of the first block of commands under a heading of one of the repository's pages. */
async function commandsUnder(page: string, heading: string): Promise<string[]> {
  const text = await readFile(join(import.meta.dirname, "../..", page), "utf8");
  const [, section = ""] = text.split(`\n## ${heading}\n`);
  return /```sh\n(.*?)\n```/s.exec(section)?.[1]?.split("\n") ?? [];
}

let packages: string;

beforeAll(async () => {
  packages = await mkdtemp(join(tmpdir(), "magnets-packages-"));
  buildPackages(packages);
});

afterAll(() => rm(packages, { recursive: true, force: true }));

// The tests take one machine through its life, in this order.
describe.each(RELEASES)("a Debian $version of its own", (release) => {
  let stand: Stand;
  const must = (command: string) => stand.debian.must(command);
  const run = async (command: string) => (await stand.debian.run(command)).output.trim();

  beforeAll(async () => {
    stand = await Stand.setUp(release, packages);
    stand.alldebrid.account(KEY).add({ id: 1001, life: neverRecovers(0) });
    stand.alldebrid.account(KEY).add({ id: 1002, filename: HOSTILE, life: neverRecovers(0) });
  });

  afterAll(() => stand?.tearDown());

  test(`runs with its own Node ${release.node} and systemd as PID 1`, async () => {
    expect(await must("cat /etc/debian_version")).toMatch(new RegExp(`^${release.version}\\.`));
    expect(await must("/usr/bin/node --version")).toContain(`v${release.node}.`);
    expect(await must("cat /proc/1/comm")).toBe("systemd");
  });

  test("apt installs the package, which makes user, folders and config, and starts nothing", async () => {
    await stand.put("/etc/systemd/system/manage-magnets.service", ORIGINAL_UNIT);
    await must("systemctl daemon-reload && systemctl start manage-magnets.service");
    const output = await must("apt-get install -y /root/magnets.deb");
    expect(output).toContain("WARNING: manage-magnets.service is active");
    // In README's order, after the warnings.
    expect(output).toMatch(
      /WARNING[\s\S]*config\.json[\s\S]* magnets check[\s\S]* run-once --dry-run[\s\S]* run-once {2}[\s\S]* enable --now magnets\.timer/,
    );
    expect(output).not.toContain("sudo");
    await must("systemctl stop manage-magnets.service && rm /etc/systemd/system/manage-magnets.service");

    expect(await must("stat -c '%U:%G %a' /etc/magnets")).toBe("root:magnets 750");
    expect(await must(`stat -c '%U:%G %a' ${CONFIG}`)).toBe("root:magnets 640");
    expect(await must(`stat -c '%U:%G %a' ${STATE}`)).toBe("magnets:magnets 700");
    expect(await must("getent passwd magnets")).toMatch(/:\/nonexistent:\/usr\/sbin\/nologin$/);
    expect(await run("systemctl is-enabled magnets.timer")).toBe("disabled");
    expect(await run("systemctl is-active magnets.timer")).toBe("inactive");
    expect(await must("magnets --version")).toMatch(/^\d+\.\d+\.\d+/);
    expect(await must("zcat /usr/share/man/man1/magnets.1.gz")).toContain("run\\-once");
  });

  test("the example config, not filled in yet, fails and says so in systemctl status", async () => {
    await stand.useSandbox();
    expect((await stand.sweep()).code).not.toBe(0);
    expect(await stand.property("ExecMainStatus")).toBe("2");
    expect(await stand.status()).toMatch(/failed[\s\S]*config\.json: api_keys/);
    expect(stand.alldebrid.requests).toEqual([]);
  });

  test("a config error shows clearly in systemctl status", async () => {
    await stand.configure({ max_retrys: 3 });
    expect((await stand.sweep()).code).not.toBe(0);
    expect(await stand.property("ExecMainStatus")).toBe("2");
    expect(await stand.status()).toMatch(/config\.json: .*max_retrys.*max_retries/);
  });

  test("before the timer is enabled, status promises nothing, and check only warns", async () => {
    await stand.configure();
    const saidBy = async (command: string) => {
      const { output } = await stand.magnets(command);
      // Root's sudo has words of its own about the container's name.
      return output.replace(/^sudo: .*\n/m, "").replace(/\s+/g, " ");
    };
    const status = await saidBy("status");
    expect(status).toMatch(
      /! Nothing starts sweeps.* To start it, run systemctl enable --now magnets\.timer/,
    );
    expect(status).not.toMatch(/sudo|the next/);
    const check = await saidBy("check");
    expect(check).toMatch(
      /! timer magnets\.timer is not enabled yet.* → systemctl enable --now magnets\.timer/,
    );
    expect(check).not.toContain("sudo");
    // Whoever is root by sudo pastes what works without.
    const bySudo = await run(`SUDO_UID=1000 ${stand.environment} magnets check`);
    expect(bySudo).toContain("→ sudo systemctl enable --now magnets.timer");
    expect(bySudo).toContain("run sudo magnets test-webhook");
  });

  test("another user is told to use sudo, and nobody to change the owner", async () => {
    const asNobody = "HOME=/nonexistent setpriv --reuid 65534 --regid 65534 --clear-groups magnets";
    for (const command of ["status", "check", "run-once"]) {
      const output = (await run(`${asNobody} ${command}`)).replace(/\s+/g, " ");
      expect(output).toMatch(/config\.json can't be read: permission denied/);
      expect(output).toMatch(/[Rr]un it with sudo/);
      expect(output).not.toMatch(/chown|chgrp/);
    }
  });

  test("check says what of the service's files only root can read, and how to mend it", async () => {
    await must(`chown root:root ${CONFIG} && chmod 600 ${CONFIG}`);
    const output = (await stand.magnets("check")).output.replace(/\s+/g, " ");
    expect(output).toMatch(/✗ config .*\/etc\/magnets\/config\.json can't be read/);
    const command = `chgrp magnets ${CONFIG} && chmod g+r ${CONFIG}`;
    expect(output).toContain(command);
    await must(command);
    expect((await stand.magnets("check")).output).toContain(`✓ config   ${CONFIG}`);
  });

  test("check tells once of a key in a file that only root can read, and of a monitor that is missing", async () => {
    await stand.configure({ api_keys: [{ name: "main", key_file: "key" }] });
    await must(`umask 077 && echo ${KEY} > /etc/magnets/key`);
    const check = async () => (await stand.magnets("check")).output;
    const command = "chgrp magnets /etc/magnets/key && chmod g+r /etc/magnets/key";
    expect((await check()).split(command)).toHaveLength(2);
    await must(command);
    await stand.put("/etc/magnets/retry_counts.json", "{}");
    await must("chmod 600 /etc/magnets/retry_counts.json");
    const output = await check();
    for (const line of [/^✓ config /m, /^✗ files .*\/etc\/magnets\/retry_counts\.json/m, /^! monitor /m]) {
      expect(output).toMatch(line);
    }
    await must("rm /etc/magnets/key /etc/magnets/retry_counts.json");
  });

  test("check and status know of the sweeps that root's crontab starts", async () => {
    await stand.configure();
    await must("echo '0 0 31 2 * magnets run-once' | crontab -");
    expect((await stand.magnets("check")).output).toContain("✓ timer    cron starts sweeps");
    expect((await stand.magnets("status")).output).not.toContain("Nothing starts sweeps");
    await must("crontab -r");
    expect((await stand.magnets("status")).output).toContain("Nothing starts sweeps");
  });

  test.for([
    ["ExecStart=\nExecStart=/opt/node x", "203 (EXEC): there is no Node.js", "apt install nodejs"],
    ["User=ghost", "217 (USER): there is no user ghost", "useradd"],
    ["BindPaths=/nowhere", "226 (NAMESPACE)", "\n               PrivateTmp=no\n"],
  ])("check explains why systemd could not start the service: %s", async ([line = "", ...expected]) => {
    await stand.useSandbox(line);
    expect((await stand.sweep()).code).not.toBe(0);
    const { output } = await stand.magnets("check");
    for (const words of expected) expect(output).toContain(words);
    await stand.useSandbox();
  });

  test("the timer fires: a sweep under the sandbox, and a sweep by hand meanwhile exits 75", async () => {
    await stand.configure();
    const enable = async () => {
      await stand.schedule(OFTEN);
      await must("systemctl enable --now magnets.timer");
    };
    await stand.duringSweep(enable, async () => {
      const pid = await stand.property("MainPID");
      const process = await must(`cat /proc/${pid}/status`);
      expect(process).toMatch(/^Seccomp:\t2$/m);
      expect(process).toMatch(/^NoNewPrivs:\t1$/m);
      expect(process).toMatch(/^CapEff:\t0+$/m);
      expect(await must(`stat -c %U /proc/${pid}`)).toBe("magnets");
      expect(await run(`nsenter -t ${pid} -m touch /usr/x`)).toContain("Read-only file system");
      expect(await must(`nsenter -t ${pid} -m ls -A /root`)).toBe("");

      const { code, output } = await stand.magnets("run-once");
      expect(code, output).toBe(75);
    });
    expect(await stand.property("Result")).toBe("success");
    expect(await stand.counters()).toMatchObject({ 1001: { fails: 1 }, 1002: { fails: 1 } });
    expect(stand.alldebrid.requestsTo("restart").length).toBeGreaterThan(0);
    expect(await stand.stateModes()).toBe(SERVICE_OWNED);
  });

  test("the journal has the right priorities, and a stranger's name forges none", async () => {
    const journal = "journalctl --no-pager -u magnets.service";
    const lines = await must(`${journal} -o json SYSLOG_IDENTIFIER=magnets`);
    const entries = lines.split("\n").map((line) => JSON.parse(line));
    expect(entries.some(({ PRIORITY }) => PRIORITY === "6")).toBe(true);
    expect(entries.filter(({ MESSAGE }) => typeof MESSAGE !== "string" || MESSAGE.startsWith("<"))).toEqual(
      [],
    );
    // What went wrong in the tests before is an error, what went well since is none.
    expect(await must(`${journal} -p err`)).toContain("max_retrys");
    expect(await must(`${journal} -p err`)).not.toContain("1002");
    expect(await must("journalctl --no-pager -p emerg")).not.toContain("panic");
  });

  test("state survives a reboot, after which the timer goes on by itself", async () => {
    await must("systemctl stop magnets.timer");
    const reboot = async () => {
      await stand.schedule(OFTEN);
      await stand.debian.shutDown();
      stand.debian = await Container.boot(stand.debian.folder);
    };
    await stand.duringSweep(reboot, async () => {});
    expect(await stand.counters()).toMatchObject({ 1001: { fails: 2 }, 1002: { fails: 2 } });
    expect(await stand.property("Result")).toBe("success");
  });

  test("sudo magnets run-once acts on the service's config and state, and leaves them the service's", async () => {
    const { code, output } = await stand.magnets("run-once");
    expect(code, output).toBe(0);
    expect(stand.discord.embeds).toHaveLength(2);
    expect(await stand.counters()).toEqual({});
    expect(await stand.stateModes()).toBe(SERVICE_OWNED);
    expect(await must(`wc -l < ${STATE}/deletions.jsonl`)).toBe("2");
    expect((await stand.sweep()).code).toBe(0);
  });

  test("sudo magnets status and reset do, too", async () => {
    stand.alldebrid.account(KEY).add({ id: 1003, life: neverRecovers(0) });
    await stand.sweep();
    const status = (await stand.magnets("status")).output;
    expect(status).toContain("1003");
    expect(status).toMatch(/; the next (in about|any moment)/);
    const { code, output } = await stand.magnets("reset");
    expect(code, output).toBe(0);
    expect(await stand.counters()).toEqual({});
    expect(await stand.stateModes()).toBe(SERVICE_OWNED);
    expect((await stand.sweep()).code).toBe(0);
    expect(await stand.counters()).toMatchObject({ 1003: { fails: 1 } });
  });

  test("sudo magnets check finds all well while the timer is enabled, at its usual times", async () => {
    await stand.useUsualTimes();
    const { code, output } = await stand.magnets("check");
    await stand.schedule(NEVER);
    expect(output).toMatch(/^✓ timer +magnets\.timer fires next (?:just now|in \d+ min), every 30 min$/m);
    expect(output).toMatch(/^✓ state +\/var\/lib\/magnets is writable and belongs to magnets$/m);
    // That there is no monitor.
    expect(output).toMatch(/^! monitor .*\n(.*\n)*\n1 warning\n$/m);
    expect(code).toBe(0);
    expect(await stand.stateModes()).toBe(SERVICE_OWNED);
  });

  test("bash completes commands, and ids from the service's state", async () => {
    expect(await stand.complete("magnets", "run")).toBe("run-once");
    expect(await stand.complete("magnets", "reset", "")).toBe("1003 account\\ 1");
    expect(await stand.stateModes()).toBe(SERVICE_OWNED);
  });

  test("a wrong key shows clearly in systemctl status; the timer goes on; the next good sweep clears it", async () => {
    await stand.configure({ api_keys: [{ name: "main", key: "wr0ngKey1234567890" }] });
    expect((await stand.sweep()).code).not.toBe(0);
    expect(await stand.property("ExecMainStatus")).toBe("3");
    expect(await stand.status()).toMatch(/main: .*key/i);
    const warnings = await must("journalctl -u magnets.service --no-pager -p warning -n 5");
    expect(warnings).toMatch(/main: .*key/i);
    expect(await must("journalctl -u magnets.service --no-pager")).not.toContain("wr0ngKey");
    expect(await must("systemctl is-active magnets.timer")).toBe("active");
    expect(await stand.counters()).toMatchObject({ 1003: { fails: 1 } });
    await stand.configure({ max_retries: 50 });
    expect((await stand.sweep()).code).toBe(0);
    expect(await stand.property("ActiveState")).toBe("inactive");
  });

  test("a sweep that is stopped ends once its requests are answered, and is no failure", async () => {
    const start = () => must("systemctl start --no-block magnets.service");
    await stand.duringSweep(start, async (release) => {
      const stopped = must("systemctl stop magnets.service");
      await stand.untilState((state) => state === "deactivating");
      release();
      await stopped;
    });
    expect(await stand.property("ExecMainStatus")).toBe("143");
    expect(await stand.property("Result")).toBe("success");
  });

  test("an upgrade keeps state, config and the timer", async () => {
    const before = await must(`cat ${CONFIG} ${STATE}/*`);
    await must("apt-get install -y /root/magnets-newer.deb");
    expect(await must("dpkg -s magnets")).toMatch(/^Version: .*\+newer$/m);
    expect(await must(`cat ${CONFIG} ${STATE}/*`)).toBe(before);
    expect(await must("systemctl is-enabled magnets.timer")).toBe("enabled");
    expect(await must("systemctl is-active magnets.timer")).toBe("active");
    expect((await stand.sweep()).code).toBe(0);
  });

  test("remove stops the timer and keeps state and config", async () => {
    await must("apt-get remove -y magnets");
    expect(await run("systemctl is-active magnets.timer")).toBe("inactive");
    await must(`test -s ${CONFIG} && test -s ${STATE}/retry_counts.json && ! test -e /usr/bin/magnets`);
  });

  test("installed again, it starts the timer that was enabled, and says so", async () => {
    expect(await run("systemctl is-enabled magnets.timer")).not.toBe("disabled");
    expect(await must("apt-get install -y /root/magnets.deb")).toContain("is started again");
    expect(await must("systemctl is-active magnets.timer")).toBe("active");
    await must("systemctl disable --now magnets.timer && apt-get remove -y magnets");
    expect(await must("apt-get install -y /root/magnets.deb")).toContain("enable --now magnets.timer");
    expect(await run("systemctl is-active magnets.timer")).toBe("inactive");
  });

  test("an upgrade leaves a timer alone that is enabled and stopped for now", async () => {
    await must("systemctl enable magnets.timer && apt-get install -y /root/magnets-newer.deb");
    expect(await run("systemctl is-active magnets.timer")).toBe("inactive");
  });

  test("purge leaves nothing", async () => {
    await must("apt-get purge -y magnets");
    await must("rm -r /etc/systemd/system/magnets.*.d");
    expect(await stand.leftovers()).toBe("");
    expect(await stand.accounts()).toBe("");
  });

  test("install.sh installs from the unpacked npm tarball, twice over, and the service sweeps", async () => {
    const install = "/root/unpacked/deploy/install.sh";
    await must("mkdir /root/unpacked && tar -xzf /root/magnets.tgz -C /root/unpacked --strip-components=1");
    const shown = await must(`${install} --dry-run`);
    expect(shown).toMatch(/Nothing was changed\.$/);
    expect(shown).not.toContain("magnets check");
    expect(await stand.leftovers()).toBe("");
    expect(await must(install)).toMatch(
      /config\.json[\s\S]* magnets check[\s\S]* run-once --dry-run[\s\S]* run-once {2}[\s\S]* enable --now magnets\.timer.*$/,
    );
    await stand.useSandbox();
    await stand.schedule(NEVER);
    await stand.configure({ max_retries: 50 });
    expect((await stand.sweep()).code).toBe(0);
    const before = await must(`cat ${CONFIG} ${STATE}/*`);
    expect(await must(install)).toContain("stays as it is");
    expect(await must(`cat ${CONFIG} ${STATE}/*`)).toBe(before);
    expect((await stand.magnets("status")).output).toContain("1003");
    expect(await stand.stateModes()).toBe(SERVICE_OWNED);
    expect(await must(`stat -c '%U:%G %a' ${CONFIG}`)).toBe("root:magnets 640");
  });

  test.each(["with", "without"])(
    "the switch by README's five lines, %s counters, and the way back",
    async (counters) => {
      await must(`rm -rf /etc/magnets/* ${STATE}/* ${ORIGINAL} && mkdir ${ORIGINAL}`);
      const config = { api_keys: [KEY], cycle_seconds: 1800, max_retries: 50, discord_webhook_url: "" };
      await stand.put(`${ORIGINAL}/config.json`, JSON.stringify({ ...config, log_level: "INFO" }));
      const had = counters === "with" ? 7 : 0;
      if (had > 0) {
        const text = JSON.stringify({ 1003: { fails: had, last_status: "error" } });
        await stand.put(`${ORIGINAL}/retry_counts.json`, text);
      }
      await stand.put("/etc/systemd/system/manage-magnets.service", ORIGINAL_UNIT);
      await must(`chown -R 1000:1000 ${ORIGINAL}; systemctl daemon-reload`);
      await must("systemctl enable --now manage-magnets.service");
      const follow = (lines: readonly string[]) => {
        const script = lines.join("\n").replaceAll("sudo magnets", `sudo ${stand.environment} magnets`);
        return must(`cd ${ORIGINAL} && set -e\n${script}`);
      };

      const lines = await commandsUnder("README.md", "Coming from Manage_Magnets_Alldebrid");
      expect(lines).toHaveLength(5);
      const output = await follow(lines);
      expect(output.includes("took over 1 counter")).toBe(had > 0);
      expect(output).toMatch(/1003[\s\S]*1003/);
      expect(await stand.counters()).toMatchObject({ 1003: { fails: had + 1 } });
      expect(await stand.stateModes()).toBe(SERVICE_OWNED);
      expect(await run("systemctl is-active magnets.timer manage-magnets.service")).toBe("active\ninactive");
      expect((await stand.sweep()).code).toBe(0);
      expect(await stand.counters()).toMatchObject({ 1003: { fails: had + 2 } });

      await follow(await commandsUnder("examples/original/README.md", "The way back"));
      expect(await must(`stat -c '%u:%g %a' ${ORIGINAL}/retry_counts.json`)).toBe("1000:1000 644");
      expect(await must(`cat ${ORIGINAL}/retry_counts.json`)).toBe(
        await must(`cat ${STATE}/retry_counts.json`),
      );
      expect(await run("systemctl is-active magnets.timer manage-magnets.service")).toBe("inactive\nactive");
      await must("systemctl disable --now manage-magnets.service");
      await must("rm /etc/systemd/system/manage-magnets.service && systemctl daemon-reload");
    },
  );

  test("uninstall.sh keeps config and state, and takes them with --purge", async () => {
    await must("systemctl enable --now magnets.timer");
    await must("/root/unpacked/deploy/uninstall.sh");
    await must(`test -s ${CONFIG} && test -s ${STATE}/retry_counts.json && ! test -e /usr/local/bin/magnets`);
    await must("/root/unpacked/deploy/uninstall.sh --purge");
    await must("rm -r /etc/systemd/system/magnets.*.d");
    expect(await stand.leftovers()).toBe("");
    expect(await stand.accounts()).toBe("");
  });

  test("its own Node and dpkg-deb build the package as the same bytes", async () => {
    const built = Buffer.from(buildPackageIn(stand.debian.folder));
    expect(built.equals(await readFile(join(packages, "magnets.deb")))).toBe(true);
  });
});
