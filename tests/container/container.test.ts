import { chown, cp, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AllDebridSandbox, startAllDebrid } from "../../examples/sandbox/alldebrid.ts";
import { type DiscordSandbox, startDiscord } from "../../examples/sandbox/discord.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { slimDebian } from "./debian-archives.ts";
import { Engine } from "./engine.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const RECIPE = join(ROOT, "deploy/container");
const KEY = "c0ntainerTestKey12345";
const IMAGE = "localhost/magnets";
const LARGEST_IMAGE = 230_000_000;
/** What compose.yaml and magnets.container ask for, as podman's options. */
const LOCKED_DOWN = [
  "--tmpfs=/run/secrets",
  "--read-only",
  "--cap-drop=all",
  "--security-opt=no-new-privileges",
];

describe("the container", () => {
  let engine: Engine;
  let alldebrid: AllDebridSandbox;
  let discord: DiscordSandbox;
  let context: string;
  let environment: string[];

  beforeAll(async () => {
    engine = await Engine.start();
    alldebrid = await startAllDebrid({ accounts: [{ key: KEY }] });
    discord = await startDiscord();
    environment = [`--env=MAGNETS_API_URL=${alldebrid.url}`];
    alldebrid.account(KEY).add({ id: 1001, life: neverRecovers(0) });

    await folder("secrets", { key: `${KEY}\n`, webhook: `${discord.url}\n` });
    context = join(engine.work, "container");
    await cp(RECIPE, context, { recursive: true, filter: (path) => !path.endsWith(".deb") });
    await engine.import(slimDebian(), "localhost/debian13");
    await engine.must("npm", ["run", "--silent", "package:deb", "--", context], { cwd: ROOT });
    await engine.podman("build", "--build-arg=BASE=localhost/debian13", "--tag", IMAGE, context);
  });

  afterAll(async () => {
    await engine?.remove();
    await Promise.all([alldebrid?.close(), discord?.close()]);
  });

  /** `podman run` with these options and this command, to its end. */
  const run = (options: readonly string[], ...command: string[]) =>
    engine.run("podman", ["run", "--rm", ...LOCKED_DOWN, ...environment, ...options, IMAGE, ...command]);

  /** The same in the background, under a name. */
  const start = (name: string, options: readonly string[], ...command: string[]) =>
    engine.podman(
      "run",
      "--detach",
      `--name=${name}`,
      ...LOCKED_DOWN,
      ...environment,
      ...options,
      IMAGE,
      ...command,
    );

  /** A container's exit code, and when it ended. */
  async function end(name: string): Promise<{ code: number; at: number }> {
    await engine.podman("wait", name);
    const format = "{{.State.ExitCode}} {{.State.FinishedAt.UnixMilli}}";
    const [code, at] = (await engine.podman("inspect", "--format", format, name)).split(" ");
    return { code: Number(code), at: Number(at) };
  }

  /** A folder of the test's, with a file in it. */
  async function folder(name: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
    const path = join(engine.work, name);
    await mkdir(path);
    for (const [file, content] of Object.entries(files)) await writeFile(join(path, file), content);
    return path;
  }

  /** Keeps AllDebrid from answering from the next listing on, until it is released. */
  function hold(): { held: Promise<unknown>; release: () => void } {
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    const held = alldebrid.seen("status", alldebrid.requestsTo("status").length + 1);
    alldebrid.fault("status", { kind: "hold", until }, { times: 1 });
    return { held, release };
  }

  test(`is no larger than ${LARGEST_IMAGE / 1e6} MB`, async () => {
    const size = Number(await engine.podman("image", "inspect", "--format={{.Size}}", IMAGE));
    console.log(`the image: ${size} bytes`);
    expect(size).toBeLessThan(LARGEST_IMAGE);
  });

  test("is magnets on Debian 13's own Node, without root, a capability or a writable root", async () => {
    const { output } = await run(
      [],
      "sh",
      "-c",
      "cat /etc/debian_version; node --version; id; touch /etc/x; cat /proc/self/status",
    );
    expect(output).toMatch(/^13.*\nv20\.19\.\d+\nuid=900\(magnets\) gid=900\(magnets\) /);
    expect(output).toMatch(/^CapBnd:\t0+$/m);
    expect(output).toMatch(/^CapEff:\t0+$/m);
    expect(output).toMatch(/^NoNewPrivs:\t1$/m);
    expect(output).toContain("Read-only file system");
    expect((await run([], "find", "/etc/magnets", "/tmp", "-type", "f")).output).toBe("");
  });

  test("without a key, a sweep exits with 2 and says what to set", async () => {
    const { code, output } = await run([], "magnets", "run-once");
    expect(output).toContain("MAGNETS_API_KEYS");
    expect(code).toBe(2);
  });

  test("check finds nothing wrong, and asks for no timer", async () => {
    const { code, output } = await run([`--env=MAGNETS_API_KEYS=${KEY}`], "magnets", "check");
    expect(output).toMatch(/^✓ timer +sweeps are started by magnets-every or a timer of the host$/m);
    expect(output).toMatch(/^✓ state +\/var\/lib\/magnets is writable and belongs to magnets$/m);
    expect(output).not.toMatch(/^✗|unknown variable/m);
    expect(code, output).toBe(0);
  });

  test("a sweep's state is in the volume, where status and the next sweep find it", async () => {
    const options = ["--volume=kept:/var/lib/magnets", `--env=MAGNETS_API_KEYS=${KEY}`];
    const sweep = await run(options, "magnets", "run-once");
    expect(sweep.code, sweep.output).toBe(0);
    await run(options, "magnets", "run-once");
    expect((await run(options, "magnets", "status")).output).toMatch(/^ +2\/5 .* 1001 /m);
    const { output } = await run(options, "find", "/var/lib/magnets", "-printf", "%y %u:%g %m\n");
    expect([...new Set(output.trim().split("\n"))].sort()).toEqual([
      "d magnets:magnets 700",
      "f magnets:magnets 600",
    ]);
  });

  test("keys and webhook come from files, which neither the environment nor the log shows", async () => {
    for (const name of ["key", "webhook"])
      await engine.podman("secret", "create", name, join(engine.work, "secrets", name));
    const options = ["key", "webhook"].map((name) => `--secret=${name},uid=900,gid=900,mode=0400`);
    options.push(
      "--env=MAGNETS_API_KEYS_FILE=/run/secrets/key",
      "--env=MAGNETS_DISCORD_WEBHOOK_URL_FILE=/run/secrets/webhook",
    );
    await start("secrets", options, "magnets", "check");
    expect((await end("secrets")).code).toBe(0);
    const log = await engine.podman("logs", "secrets");
    expect(log).toMatch(/^✓ key /m);
    expect(log).toMatch(/^✓ webhook /m);
    expect(log).not.toMatch(/^! config/m);
    expect(`${log}${await engine.podman("inspect", "secrets")}`).not.toContain(KEY);
  });

  test("runs as any other user, with a folder of that user's", async () => {
    const own = await folder("own");
    await chown(own, 4321, 4321);
    const options = ["--user=4321:4321", `--volume=${own}:/var/lib/magnets`, `--env=MAGNETS_API_KEYS=${KEY}`];
    const { code, output } = await run(options, "magnets", "run-once");
    expect(code, output).toBe(0);
    const files = await readdir(own);
    expect(files).toContain("retry_counts.json");
    for (const file of files) {
      const { uid, mode } = await stat(join(own, file));
      expect([file, uid, mode & 0o777]).toEqual([file, 4321, 0o600]);
    }
    const check = await run(options, "magnets", "check");
    expect(check.code, check.output).toBe(0);
  });

  test("magnets-every goes on after exit codes 2, 75 and 3, says why, and ends within a second in a pause", async () => {
    const config = await folder("config", { "config.json": '{ "max_retrys": 3 }' });
    const configure = (settings: object) => writeFile(join(config, "config.json"), JSON.stringify(settings));
    await start("service", [`--volume=${config}:/etc/magnets:ro`], "magnets-every", "3");
    const mistaken = await engine.untilLogged(
      "service",
      "the configuration can't be used (exit code 2, see above)",
    );
    expect(mistaken).toMatch(/config\.json: .*max_retrys.*max_retries/);

    // A sweep by hand is running when the next one is due.
    await configure({ api_keys: [KEY] });
    const { held, release } = hold();
    const byHand = engine.run("podman", ["exec", "service", "magnets", "run-once"]);
    await held;
    await engine.untilLogged("service", "(exit code 75, see above)");
    release();
    expect((await byHand).code).toBe(0);

    await configure({ api_keys: ["wr0ngKey1234567890"] });
    await engine.untilLogged("service", "something needs attention (exit code 3, see above)");
    await configure({ api_keys: [KEY] });
    const before = alldebrid.requestsTo("status").length;
    await alldebrid.seen("status", before + 1);
    expect((await engine.run("podman", ["exec", "service", "magnets", "status"])).output).toContain("1001");

    await configure({});
    const paused = (await engine.podman("logs", "service")).split("starts in").length;
    await engine.untilLogged("service", "starts in", paused);
    const stoppedAt = Date.now();
    await engine.podman("kill", "--signal=TERM", "service");
    const { code, at } = await end("service");
    expect(code).toBe(0);
    expect(at - stoppedAt).toBeLessThan(1000);
  });

  test.each([
    { command: ["magnets-every", "1800"], code: 0 },
    { command: ["magnets", "run-once"], code: 143 },
  ])("stopped in a sweep, $command waits for its end and keeps what it knows", async ({ command, code }) => {
    const name = `stopped-${code}`;
    const { held, release } = hold();
    const options = [`--volume=${name}:/var/lib/magnets`, `--env=MAGNETS_API_KEYS=${KEY}`];
    await start(name, options, ...command);
    await held;
    await engine.podman("kill", "--signal=TERM", name);
    await engine.untilLogged(name, "SIGTERM");
    expect(await engine.podman("inspect", "--format={{.State.Running}}", name)).toBe("true");
    release();
    expect((await end(name)).code, await engine.podman("logs", name)).toBe(code);
    expect((await run(options, "cat", "/var/lib/magnets/sweeps.json")).output).toContain("143");
  });

  test("compose.yaml is one service that sweeps at its times", async () => {
    await folder("container/secrets", { api_keys: `${KEY}\n` });
    await chown(join(context, "secrets/api_keys"), 900, 900);
    await folder("container/config");
    await engine.must("docker-compose", ["config", "--quiet"], { cwd: context });
    const here = {
      services: {
        magnets: {
          network_mode: "host",
          tmpfs: ["/run/secrets"],
          command: ["magnets-every", "2"],
          environment: { MAGNETS_API_URL: alldebrid.url },
        },
      },
    };
    await writeFile(join(context, "here.yaml"), JSON.stringify(here));
    const compose = (...args: string[]) =>
      engine.must("docker-compose", ["--file=compose.yaml", "--file=here.yaml", ...args], { cwd: context });
    // A sweep reads two lists.
    const before = alldebrid.requestsTo("status").length;
    await engine.asDocker(async () => {
      await compose("up", "--detach", "--no-build");
      await alldebrid.seen("status", before + 4);
      expect(await compose("exec", "-T", "magnets", "magnets", "status")).toContain("1001");
      await compose("down", "--volumes");
    });
  });

  test("Debian 13's quadlet makes a oneshot service of magnets.container, whose command sweeps", async () => {
    const recipe =
      "FROM localhost/debian13\nRUN apt-get update -qq && cd /tmp && apt-get download -qq podman && dpkg -x podman_*.deb /\n";
    await writeFile(join(await folder("quadlet"), "Containerfile"), recipe);
    await engine.podman("build", "--tag=quadlet", join(engine.work, "quadlet"));
    const units = await engine.podman(
      "run",
      "--rm",
      "--env=QUADLET_UNIT_DIRS=/units",
      `--volume=${context}:/units:ro`,
      "quadlet",
      "/usr/libexec/podman/quadlet",
      "-dryrun",
    );
    expect(units).toMatch(/^---magnets\.service---$/m);
    expect(units).toMatch(/^Type=oneshot$/m);
    expect(units).not.toMatch(/sdnotify|-d /);
    const command = /^ExecStart=\/usr\/bin\/podman run (?<options>.*)$/m.exec(units)?.groups?.options ?? "";
    expect(command).toMatch(/ --read-only .* localhost\/magnets magnets run-once$/);

    await engine.podman("secret", "create", "magnets_api_keys", join(engine.work, "secrets/key"));
    const options = command
      .replaceAll("%t", engine.work)
      .replaceAll("%N", "magnets")
      .replace("--cgroups=split ", "")
      .split(" ");
    expect(await engine.podman("run", ...environment, ...options)).toMatch(/Sweep of 1 account/);
    // The timer is the package's, for a service of the same name.
    expect(await readFile(join(RECIPE, "magnets.timer"), "utf8")).toContain("OnCalendar=*:0/30");
  });
});
