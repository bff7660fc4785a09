import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFile, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished } from "vitest";
import { type Machine, test } from "../support/machine.ts";
import { NODE } from "../support/start-magnets.ts";
import { AUTHORITY, startTlsFront } from "../support/tls-front.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Runs a command with a hosts file of its own, and with no name server. */
function withNames(machine: Machine, hosts: string, unshare: readonly string[] = ["--mount"]): string[] {
  const mount = `mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"`;
  const resolver = join(machine.home, "resolv.conf");
  return ["unshare", ...unshare, "sh", "-c", mount, "sh", hosts, resolver];
}

async function writeNames(machine: Machine, lines: string): Promise<string> {
  const hosts = join(machine.home, "hosts");
  await writeFile(hosts, lines);
  // Nobody listens there.
  await writeFile(join(machine.home, "resolv.conf"), "nameserver 127.0.0.99\noptions timeout:1 attempts:1\n");
  return hosts;
}

test("a sweep goes through tinyproxy to AllDebrid over TLS", async ({ machine }) => {
  const front = await startTlsFront(machine.alldebrid.url);
  onTestFinished(front.close);
  const port = await freePort();
  const config = join(machine.home, "tinyproxy.conf");
  const login = "BasicAuth somebody pr0xyPassw0rd";
  await writeFile(
    config,
    `Port ${port}\nListen 127.0.0.1\nTimeout 60\nConnectPort ${front.port}\n${login}\n`,
  );
  const hosts = await writeNames(machine, "127.0.0.1 localhost alldebrid.test\n");
  const [command = "", ...args] = [...withNames(machine, hosts), "tinyproxy", "-d", "-c", config];
  const tinyproxy = spawn(command, args, { stdio: "ignore" });
  onTestFinished(() => void tinyproxy.kill("SIGKILL"));
  await listening(port);

  const env = { MAGNETS_API_URL: front.url, NODE_EXTRA_CA_CERTS: AUTHORITY };
  const HTTPS_PROXY = `http://somebody:pr0xyPassw0rd@127.0.0.1:${port}`;
  const run = await machine.run(["run-once"], { env: { ...env, HTTPS_PROXY } });
  expect(run.code, run.stderr).toBe(0);
  expect(machine.alldebrid.requestsTo("status").length).toBeGreaterThan(0);
  const check = await machine.run(["check"], { env: { ...env, HTTPS_PROXY } });
  expect(check.stdout).toMatch(/✓ key/);
  const wrong = await machine.run(["check"], {
    env: { ...env, HTTPS_PROXY: HTTPS_PROXY.replace("0rd", "") },
  });
  expect(wrong.stdout).toMatch(/✗ key .*the proxy/);
  for (const { stdout, stderr } of [run, check, wrong]) expect(stdout + stderr).not.toContain("pr0xyPassw");
});

describe("while nothing can be reached", () => {
  test("a sweep waits for names to be resolved, and says so once", async ({ machine }) => {
    const front = await startTlsFront(machine.alldebrid.url);
    onTestFinished(front.close);
    const hosts = await writeNames(machine, "");
    const env = { MAGNETS_API_URL: front.url, NODE_EXTRA_CA_CERTS: AUTHORITY };
    const run = machine.start(["run-once"], { env, wrapper: withNames(machine, hosts) });
    await run.logged("the network can't be reached (EAI_AGAIN): waiting for it for up to a minute");
    await sleep(3_000);
    expect(machine.alldebrid.requests).toEqual([]);
    await appendFile(hosts, "127.0.0.1 alldebrid.test\n");
    const { code, stderr } = await run.finished;
    expect(code, stderr).toBe(0);
    expect(stderr.match(/can't be/g)).toHaveLength(1);
  });

  test("it waits for a route, and gives up after a minute in all", async ({ machine }) => {
    const hosts = await writeNames(machine, "");
    const env = { MAGNETS_API_URL: "https://203.0.113.7" };
    const began = performance.now();
    const wrapper = withNames(machine, hosts, ["--mount", "--net"]);
    const { code, stderr } = await machine.run(["run-once"], { env, wrapper });
    const seconds = (performance.now() - began) / 1000;
    expect(code).toBe(3);
    expect(stderr.match(/waiting for it/g)).toHaveLength(1);
    expect(stderr).toMatch(/the network can't be reached: is this machine online\? \(ENETUNREACH\)/);
    expect(seconds).toBeGreaterThan(60);
    expect(seconds).toBeLessThan(100);
  });

  test("SIGTERM ends the wait", async ({ machine }) => {
    const hosts = await writeNames(machine, "");
    const env = { MAGNETS_API_URL: "https://203.0.113.7" };
    const wrapper = withNames(machine, hosts, ["--mount", "--net"]);
    const run = machine.start(["run-once"], { env, wrapper });
    await run.logged("waiting for it");
    run.kill("SIGTERM");
    expect((await run.finished).code).toBe(143);
  });

  test("what is only refused is not waited for", async ({ machine }) => {
    const env = { MAGNETS_API_URL: `http://127.0.0.1:${await freePort()}` };
    const { stderr } = await machine.run(["run-once"], { env });
    expect(stderr).not.toContain("waiting for it");
  });
});

describe("a name with an address that leads nowhere", () => {
  // A connection to 127.0.0.1 takes a second there; 2001:db8::1 has no route, or swallows what is sent to it. Names
  // have no addresses of a kind that no interface but lo has.
  const card =
    "ip link add d0 type veth peer name d1 && ip link set d0 up && ip link set d1 up && ip addr add 192.0.2.2 dev d0";
  test.for([
    ["has no route", `${card} && ip addr add 2001:db8:1::2 dev d0 nodad`],
    [
      "swallows everything",
      `${card} && ip addr add 2001:db8::2/64 dev d0 nodad && ip neigh add 2001:db8::1 lladdr 02:00:00:00:00:01 dev d0`,
    ],
  ])("connects all the same: it %s", async ([, prepare], { machine }) => {
    const hosts = await writeNames(machine, "127.0.0.1 slow.test\n2001:db8::1 slow.test\n");
    const [command = "", ...args] = withNames(machine, hosts, ["--mount", "--net"]);
    const script = `ip link set lo up && ${prepare} && exec "$@"`;
    const program = [NODE, "--import", "tsx", fileURLToPath(import.meta.resolve("../http/fetch-slowly.ts"))];
    const { stdout, stderr } = spawnSync(command, [...args, "sh", "-c", script, "sh", ...program], {
      cwd: ROOT,
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(stdout, stderr).toBe("200 late\n");
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await sleep(50);
  }
}
