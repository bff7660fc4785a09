import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Behaviour } from "../../examples/sandbox/behaviour.ts";
import { startHttpSandbox } from "../../examples/sandbox/http-sandbox.ts";
import { explainFailure } from "../../src/http/failures.ts";
import { FetchError, fetchOverHttp } from "../../src/http/fetch.ts";

async function startServer() {
  const server = await startHttpSandbox({
    admit: () => null,
    identify: () => {},
    answer: ({ body }) => ({ status: 200, body: `got ${body}`, headers: { "x-seen": "yes" } }),
  });
  onTestFinished(() => server.close());
  return server;
}

/** What fetching it fails with; a success fails the test. */
async function failureOf(behaviour: Behaviour): Promise<FetchError> {
  const server = await startServer();
  server.fault("*", behaviour);
  const error = await fetchOverHttp(server.origin).then(
    () => expect.unreachable(),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(FetchError);
  expect(error.name).toBe("FetchError");
  return error;
}

const packed = (encoding: string, body: Buffer): Behaviour => ({
  kind: "handler",
  handle: (_, response) => void response.writeHead(200, { "content-encoding": encoding }).end(body),
});

describe("fetchOverHttp", () => {
  it("sends method, headers and body, and brings status, headers and body", async () => {
    const server = await startServer();
    const headers = { authorization: "Bearer k", "x-number": "1" };
    const body = new URLSearchParams({ id: "é" });
    const request = new Request(`${server.origin}/a?b=c`, { method: "POST", headers, body });
    const response = await fetchOverHttp(request);
    expect([response.status, response.headers.get("X-Seen")]).toEqual([200, "yes"]);
    expect(await response.text()).toBe("got id=%C3%A9");
    const [seen] = server.requests;
    expect([seen?.method, seen?.path, seen?.query.get("b")]).toEqual(["POST", "/a", "c"]);
    expect(seen?.headers).toMatchObject({
      ...headers,
      "content-length": "9",
      "accept-encoding": "gzip",
      "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
    });
  });

  it("keeps connections alive for the next request", async () => {
    const server = await startServer();
    for (let i = 0; i < 3; i++) await fetchOverHttp(server.origin);
    expect(server.requests).toHaveLength(3);
    expect(server.connections).toBe(1);
  });

  it.each(["gzip", "x-gzip", "GZIP"])("unpacks %j", async (encoding) => {
    const server = await startServer();
    server.fault("*", packed(encoding, gzipSync("plain")));
    expect(await (await fetchOverHttp(server.origin)).text()).toBe("plain");
  });

  it.each([204, 304, 404, 503])("brings a response with status %i", async (status) => {
    const server = await startServer();
    server.fault("*", { kind: "http", status });
    const response = await fetchOverHttp(server.origin);
    expect([response.status, await response.text()]).toEqual([status, ""]);
  });

  it.each<[string, Behaviour]>([
    ["without end", { kind: "endless" }],
    ["that unpacks to gigabytes", { kind: "gzip-bomb" }],
  ])("ends a body %s after 32 MiB", async (_, behaviour) => {
    const before = process.memoryUsage().rss;
    expect(await failureOf(behaviour)).toMatchObject({ reason: "too large" });
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
  });

  it.each<[string, Behaviour]>([
    ["cut in half", { kind: "truncated" }],
    ["without its last chunk", { kind: "truncated", chunked: true }],
    ["that is not the gzip it says", packed("gzip", Buffer.from("plain"))],
    ["in an encoding that was not asked for", packed("br", Buffer.from("plain"))],
    ["with an impossible status", { kind: "http", status: 999 }],
  ])("fails on a response %s", async (_, behaviour) => {
    expect(await failureOf(behaviour)).toMatchObject({ reason: "broken" });
  });

  it.each<[string, Behaviour]>([
    ["reset", { kind: "reset" }],
    ["closed", { kind: "close" }],
  ])("fails on a connection that is %s, with its cause", async (_, behaviour) => {
    const error = await failureOf(behaviour);
    expect(error).toMatchObject({ reason: "connection", cause: { code: "ECONNRESET" } });
  });

  it.each([301, 302, 303, 307, 308] as const)("does not follow a redirect (%i)", async (status) => {
    const elsewhere = await startServer();
    const error = await failureOf({ kind: "redirect", location: elsewhere.origin, status });
    expect(error).toMatchObject({ reason: "redirect" });
    expect(elsewhere.connections).toBe(0);
  });

  it.each<[string, Behaviour]>([
    ["before the header", { kind: "no-header" }],
    ["in the body", { kind: "drip", everyMs: 5 }],
  ])("ends with its signal, %s", async (_, behaviour) => {
    const server = await startServer();
    server.fault("*", behaviour);
    const abort = new AbortController();
    const call = fetchOverHttp(new Request(server.origin, { signal: abort.signal })).catch((error) => error);
    await server.seen("*");
    abort.abort();
    expect(await call).toMatchObject({ name: "AbortError" });
    const late = fetchOverHttp(new Request(server.origin, { signal: abort.signal }));
    await expect(late).rejects.toMatchObject({ name: "AbortError" });
    expect(server.requests).toHaveLength(1);
  });
});

const system = (code: string, syscall?: string) => Object.assign(new Error("SECRET"), { code, syscall });

describe("explainFailure", () => {
  it.each<[string, unknown, string, boolean]>([
    ["a refusal", system("ECONNREFUSED", "connect"), "the connection was refused (ECONNREFUSED)", false],
    [
      "an unknown name",
      system("ENOTFOUND"),
      "its name can't be resolved: is there a network? (ENOTFOUND)",
      false,
    ],
    ["a timeout on the way", system("ETIMEDOUT", "connect"), "no connection (ETIMEDOUT)", false],
    ["a reset", system("ECONNRESET", "read"), "the connection broke off (ECONNRESET)", true],
    [
      "an expired certificate",
      system("CERT_HAS_EXPIRED"),
      "its certificate has expired: is this machine's clock right? (CERT_HAS_EXPIRED)",
      false,
    ],
    [
      "all addresses of a host",
      new AggregateError([system("ETIMEDOUT", "connect"), system("ENETUNREACH", "connect")]),
      "no connection (ETIMEDOUT)",
      false,
    ],
    ["a code that is not one", system("see https://x/SECRET"), "the connection broke off", true],
    ["nothing", undefined, "the connection broke off", true],
  ])(
    "says what %s means to a person, and nothing of the error's own",
    (_, cause, message, mayHaveArrived) => {
      const failure = explainFailure(new FetchError("connection", { cause }), 1_000);
      expect(failure).toEqual({ message, mayHaveArrived, mayPass: true, cause });
    },
  );

  it("throws what is a bug", () => {
    const bug = new TypeError("oops");
    expect(() => explainFailure(bug, 1_000)).toThrow(bug);
  });
});
