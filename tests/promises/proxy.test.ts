import { describe, expect, type TestContext } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, test } from "../support/machine.ts";
import { startMonitor } from "../support/monitor.ts";
import { startProxy } from "../support/proxy.ts";
import { AUTHORITY, startTlsFront } from "../support/tls-front.ts";

/** AllDebrid over TLS under a name that only the proxy can resolve. */
async function startScene(
  machine: Machine,
  onTestFinished: TestContext["onTestFinished"],
  options?: Parameters<typeof startProxy>[0],
) {
  const [front, proxy] = [await startTlsFront(machine.alldebrid.url), await startProxy(options)];
  onTestFinished(() => {
    front.close();
    proxy.close();
  });
  return { front, proxy, env: { MAGNETS_API_URL: front.url, NODE_EXTRA_CA_CERTS: AUTHORITY } };
}

describe.concurrent("through a proxy", () => {
  test.for(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])(
    "that %s names, a sweep works, and what is on this machine is reached directly",
    async (variable, { machine, onTestFinished }) => {
      const { front, proxy, env } = await startScene(machine, onTestFinished);
      await machine.configure({ max_retries: 1 });
      machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
      const run = await machine.run(["run-once"], {
        env: { ...env, [variable]: `http://127.0.0.1:${proxy.port}` },
      });
      expect(run.code, run.stderr).toBe(0);
      expect(new Set(proxy.seen)).toEqual(new Set([`CONNECT alldebrid.test:${front.port}`]));
      // Connections are kept.
      expect(proxy.seen.length).toBeLessThan(machine.alldebrid.requests.length);
      expect(machine.discord.messages).toHaveLength(1);
    },
  );

  test("that wants a password, which nothing shows", async ({ machine, onTestFinished }) => {
    const login = "somebody:pr0xyP@ssword";
    const { proxy, env } = await startScene(machine, onTestFinished, { login });
    const HTTPS_PROXY = `http://somebody:pr0xyP%40ssword@127.0.0.1:${proxy.port}`;
    const all = { ...env, HTTPS_PROXY, DEBUG: "*" };
    for (const args of [["run-once", "--log-level", "DEBUG"], ["check"]]) {
      const { stdout, stderr } = await machine.run(args, { env: all });
      expect(stdout + stderr).not.toMatch(/pr0xyP|c29tZWJvZH/);
    }
    const check = await machine.run(["check"], { env: all });
    expect(check.stdout).toMatch(/✓ key/);
    expect(check.stdout).toContain(
      `✓ proxy    alldebrid.test through http://127.0.0.1:${proxy.port} (HTTPS_PROXY), 127.0.0.1 directly\n`,
    );

    const wrong = { ...env, HTTPS_PROXY: HTTPS_PROXY.replace("somebody", "nobody") };
    const refused = await machine.run(["run-once"], { env: wrong });
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/the proxy wants a user name and password \(407\)/);
    expect(refused.stdout + refused.stderr).not.toMatch(/pr0xyP/);
  });

  test("a monitor without TLS is pinged", async ({ machine, onTestFinished }) => {
    const [monitor, proxy] = [await startMonitor(), await startProxy()];
    onTestFinished(async () => {
      await monitor.close();
      proxy.close();
    });
    const url = monitor.healthchecks.replace("127.0.0.1", "monitor.test");
    await machine.configure({ healthcheck_url: url });
    const env = { http_proxy: `127.0.0.1:${proxy.port}` };
    const run = await machine.run(["run-once"], { env });
    expect(run.code, run.stderr).toBe(0);
    expect(monitor.pings()).toEqual(["GET /start", "GET /"]);
    expect(proxy.seen).toEqual([`GET ${url}/start`, `GET ${url}`]);
    expect(run.stderr).not.toContain("healthcheck (");
  });

  test("NO_PROXY goes around it", async ({ machine, onTestFinished }) => {
    const { proxy, env } = await startScene(machine, onTestFinished);
    const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
    const run = await machine.run(["check"], { env: { ...env, HTTPS_PROXY, NO_PROXY: "alldebrid.test" } });
    expect(proxy.seen).toEqual([]);
    expect(run.stdout).toMatch(/✗ key .*its name can't be resolved/);
  });

  test.for([
    [{ refuses: 403 }, /the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\) did not let it through \(403\)/],
    [{ refuses: 502 }, /did not let it through \(502\)/],
  ] as const)(
    "that refuses (%j) is named, and is not AllDebrid",
    async ([options, words], { machine, onTestFinished }) => {
      const { env, proxy } = await startScene(machine, onTestFinished, options);
      const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
      const run = await machine.run(["check"], { env: { ...env, HTTPS_PROXY } });
      expect(run.stdout).toMatch(/✗ key/);
      expect(run.stdout).toMatch(words);
    },
  );

  test("that is not there is named", async ({ machine, onTestFinished }) => {
    const { env, proxy } = await startScene(machine, onTestFinished);
    proxy.close();
    const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
    const run = await machine.run(["check"], { env: { ...env, HTTPS_PROXY } });
    expect(run.stdout).toMatch(/✗ key .*its proxy http:\/\/127\.0\.0\.1:\d+ .*: the connection was refused/);
  });

  test("that never says a word keeps no command alive", async ({ machine, onTestFinished }) => {
    const { env, proxy } = await startScene(machine, onTestFinished, { silent: true });
    const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
    const run = await machine.run(["check"], { env: { ...env, HTTPS_PROXY } });
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/✗ key .*no connection in time/);
  });

  test.for([
    [
      "ALL_PROXY",
      "socks5://user:pr0xyPassword@127.0.0.1:1080",
      /ALL_PROXY: socks5 proxies are not supported/,
    ],
    ["https_proxy", "http://user:pr0xyPassword@:1", /https_proxy: expected http:\/\/HOST:PORT/],
  ] as const)("%s=%s is an error, and nothing is sent", async ([variable, value, words], { machine }) => {
    const env = { [variable]: value };
    const run = await machine.run(["run-once"], { env });
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(words);
    const check = await machine.run(["check"], { env });
    expect(check.stdout).toMatch(words);
    expect(run.stderr + check.stdout).not.toContain("pr0xyPassword");
    expect((await machine.run(["status"], { env })).code).toBe(0);
    expect(machine.alldebrid.requestsTo("status")).toEqual([]);
  });
});
