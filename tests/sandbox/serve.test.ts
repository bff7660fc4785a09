import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { STATUS } from "./ask-alldebrid.ts";

it("prints what the program needs, serves, and stops when told to", async () => {
  const child = spawn(process.execPath, ["--import", "tsx", "examples/sandbox/serve.ts", "--speed", "60"]);
  const environment: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name = "", value = ""] = /^export (\w+)=(.*)$/.exec(line) ?? [];
    environment[name] = value;
    if (name === "MAGNETS_DISCORD_WEBHOOK_URL") break;
  }
  const {
    MAGNETS_API_URL: api,
    MAGNETS_API_KEYS: keys = "",
    MAGNETS_DISCORD_WEBHOOK_URL: webhook = "",
  } = environment;
  for (const key of [...keys.split(","), "staticDemoApikeyPrem"]) {
    const headers = { authorization: `Bearer ${key}` };
    const body = new URLSearchParams({ status: "error" });
    const answer = await (await fetch(api + STATUS, { method: "POST", headers, body })).text();
    expect(answer).toContain("Cosmos.Laundromat");
  }
  expect((await fetch(webhook)).status).toBe(200);

  const said = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  let config: RegExpExecArray | null = null;
  while (!config) config = /a config with: (.*)$/.exec((await said.next()).value ?? "");
  const [{ url, api_key }] = JSON.parse(config[1] ?? "").arrs;
  const history = await fetch(`${url}/api/v3/history?page=1&pageSize=100`, {
    headers: { "X-Api-Key": api_key },
  });
  expect(JSON.stringify(await history.json())).toContain('"eventType":"grabbed"');

  const exit = once(child, "exit");
  child.kill("SIGINT");
  expect(await exit).toEqual([0, null]);
});
