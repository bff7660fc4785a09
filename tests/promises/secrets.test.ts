import { describe, expect } from "vitest";
import { type Behaviour, cloudflarePage } from "../../examples/sandbox/behaviour.ts";
import { startHttpSandbox } from "../../examples/sandbox/http-sandbox.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { RecordedRequest } from "../../examples/sandbox/recorded-request.ts";
import { type Machine, test as onMachine } from "../support/machine.ts";
import { ARR_KEY, allFiles, KEY, leaks, PING_TOKEN } from "./canary.ts";

interface Elsewhere {
  readonly monitor: Awaited<ReturnType<typeof startHttpSandbox>>;
  readonly sonarr: Awaited<ReturnType<typeof startHttpSandbox>>;
  /** Where nobody should ever be sent. */
  readonly stranger: Awaited<ReturnType<typeof startHttpSandbox>>;
}

const silent = { admit: () => null, identify: () => {}, answer: () => ({ status: 200, body: "OK" }) };

/** A Sonarr that grabbed whatever it is asked about. */
const sonarrAnswers: Readonly<Record<string, (query: URLSearchParams) => object>> = {
  "/system/status": () => ({ appName: "Sonarr", version: "4.0.15.2941" }),
  "/config/downloadclient": () => ({ autoRedownloadFailed: true }),
  "/history": (query) => {
    const grab = { id: 1, eventType: "grabbed", date: "2026-05-09T08:00:00Z" };
    return { totalRecords: 1, records: [{ ...grab, downloadId: query.get("downloadId") }] };
  },
};
const grabbed = {
  ...silent,
  answer: ({ path, query }: RecordedRequest) => {
    const body = sonarrAnswers[path.replace("/api/v3", "")]?.(query) ?? {};
    return { status: 200, body: JSON.stringify(body) };
  },
};

const test = onMachine.extend<{ elsewhere: Elsewhere }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the parameter's pattern
  elsewhere: async ({}, use) => {
    const [monitor, stranger] = [await startHttpSandbox(silent), await startHttpSandbox(silent)];
    const sonarr = await startHttpSandbox(grabbed);
    await use({ monitor, sonarr, stranger });
    await Promise.all([monitor.close(), sonarr.close(), stranger.close()]);
  },
});

/** Answers with all that was asked, headers included. */
const echo = (status: number): Behaviour => ({
  kind: "handler",
  handle: (request, response) => {
    const asked = JSON.stringify({ headers: request.headers, path: request.path, body: request.body });
    const base64 = Buffer.from(`${request.headers.authorization} ${request.path}`).toString("base64");
    const error = { code: `ECHO ${asked}`, message: `${asked} ${encodeURIComponent(asked)} ${base64}` };
    const as = { appName: request.headers["x-api-key"], version: asked };
    response.writeHead(status, { "content-type": "application/json", "x-echo": request.path });
    response.end(
      JSON.stringify({ status: "error", error, message: asked, code: 50_035, errors: { a: asked }, ...as }),
    );
  },
});

/** What is wrong with each of the servers, in ways that are over soon. */
const TROUBLES: Readonly<Record<string, (elsewhere: Elsewhere) => Behaviour | undefined>> = {
  nothing: () => undefined,
  "an error that echoes the request": () => echo(200),
  "HTTP 400 that echoes the request": () => echo(400),
  "HTTP 401 that echoes the request": () => echo(401),
  "HTTP 404 that echoes the request": () => echo(404),
  "a redirect to another host": ({ stranger }) => ({
    kind: "redirect",
    location: stranger.origin,
    status: 307,
  }),
  "a redirect that names the key": ({ stranger }) => ({
    kind: "redirect",
    location: `${stranger.origin}/?apikey=${encodeURIComponent(KEY)}`,
    status: 302,
  }),
  "a blocked address": () => ({
    kind: "api-error",
    code: "AUTH_BLOCKED",
    message: `<a href="https://x/?token=${KEY}">`,
  }),
  "HTTP 403 with a page": () => cloudflarePage(403),
};

/** What a server was sent, but for where a secret belongs. */
const payloads = (requests: readonly RecordedRequest[], isItsPlace: (part: string) => boolean) =>
  requests
    .flatMap(({ path, query, headers, body }) => [path, query.toString(), body, ...Object.values(headers)])
    .map(String)
    .filter((part) => !isItsPlace(part))
    .join("\n");

async function everyCommand(machine: Machine): Promise<string> {
  const outputs: string[] = [];
  for (const args of [
    ["run-once"],
    ["run-once", "--json"],
    ["check"],
    ["status", "--json"],
    ["test-webhook"],
  ]) {
    const { stdout, stderr } = await machine.run([...args, "--log-level", "DEBUG"]);
    outputs.push(stdout, stderr);
  }
  return outputs.join("\n");
}

describe.concurrent("no secret gets out, whatever each server answers with:", () => {
  for (const [trouble, behaviour] of Object.entries(TROUBLES)) {
    test(trouble, async ({ machine, elsewhere }) => {
      const { alldebrid, discord } = machine;
      const account = alldebrid.addAccount({
        key: KEY,
        magnets: [
          { id: 1, life: neverRecovers(0) },
          { id: 2, life: neverRecovers(0) },
        ],
      });
      const token = discord.url.split("/").at(-1) ?? "";
      const secrets = [KEY, ARR_KEY, token, PING_TOKEN, discord.url];
      await machine.configure({
        api_keys: [KEY],
        healthcheck_url: `${elsewhere.monitor.origin}/ping/${PING_TOKEN}`,
        arrs: [{ name: "sonarr", url: elsewhere.sonarr.origin, api_key: ARR_KEY }],
        max_retries: 1,
        state_dir: "../../state",
      });
      const fault = behaviour(elsewhere);
      // Half of it, so that there is something to tell Discord of.
      if (fault && account)
        alldebrid.fault(
          ({ endpoint, form }) =>
            endpoint !== "delete" &&
            !(endpoint === "status" && (form.has("id") || form.get("status") === "error")),
          fault,
        );
      if (fault)
        for (const server of [discord, elsewhere.monitor, elsewhere.sonarr]) server.fault("*", fault);

      const output = await everyCommand(machine);
      expect(output).toContain("DEBUG");
      expect(leaks(output, secrets)).toEqual([]);
      expect(leaks(allFiles(`${machine.home}/state`), secrets)).toEqual([]);
      expect(alldebrid.requests.length).toBeGreaterThan(3);
      expect(
        leaks(
          payloads(alldebrid.requests, (part) => part === `Bearer ${KEY}`),
          secrets,
        ),
      ).toEqual([]);
      const { pathname } = new URL(discord.url);
      expect(
        leaks(
          payloads(discord.requests, (part) => part === pathname),
          secrets,
        ),
      ).toEqual([]);
      const pinged = payloads(elsewhere.monitor.requests, (part) => part.startsWith(`/ping/${PING_TOKEN}`));
      expect(leaks(pinged, secrets)).toEqual([]);
      expect(elsewhere.sonarr.requests.length).toBeGreaterThan(1);
      if (!fault) expect(elsewhere.sonarr.requests.map(({ method }) => method)).toContain("POST");
      const told = payloads(elsewhere.sonarr.requests, (part) => part === ARR_KEY);
      expect(leaks(told, secrets)).toEqual([]);
      expect(elsewhere.stranger.requests).toEqual([]);
      expect(alldebrid.violations).toEqual([]);
    });
  }
});

describe.concurrent("a key is never sent", () => {
  for (const url of [
    "http://192.0.2.1",
    "http://api.alldebrid.com",
    "http://127.0.0.1.example.com",
    "ftp://localhost",
  ]) {
    test(`to ${url}`, async ({ machine }) => {
      const { code, stderr } = await machine.run(["run-once"], { env: { MAGNETS_API_URL: url } });
      expect([code, stderr.includes("MAGNETS_API_URL")]).toEqual([2, true]);
    });
  }
});
