import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Behaviour } from "../../examples/sandbox/behaviour.ts";
import { startHttpSandbox } from "../../examples/sandbox/http-sandbox.ts";
import { createFetch, FetchError } from "../../src/http/fetch.ts";
import { startFullServer } from "./full-server.ts";

const fetch = createFetch({});

async function startServer() {
  const server = await startHttpSandbox({
    admit: () => null,
    identify: () => {},
    answer: ({ body }) => ({ status: 200, body: `got ${body}`, headers: { "x-seen": "yes" } }),
  });
  onTestFinished(() => server.close());
  return server;
}

/** Responds to the first request over each connection, and resets it at the second. */
async function startFickleServer() {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  let onClosed = () => {};
  const closed = new Promise<void>((resolve) => {
    onClosed = resolve;
  });
  const server = createServer((socket) => {
    let requests = 0;
    sockets.add(socket);
    socket.on("close", onClosed).on("error", () => {});
    socket.on("data", (data) => {
      const method = /^(GET|POST) /.exec(String(data))?.[1];
      if (method === undefined) return;
      seen.push(method);
      if (++requests > 1) socket.resetAndDestroy();
      else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, closed };
}

/** What fetching it fails with; a success fails the test. */
async function failureOf(behaviour: Behaviour): Promise<FetchError> {
  const server = await startServer();
  server.fault("*", behaviour);
  const error = await fetch(server.origin).then(
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

describe("createFetch", () => {
  it("sends method, headers and body, and brings status, headers and body", async () => {
    const server = await startServer();
    const headers = { authorization: "Bearer k", "x-number": "1" };
    const body = new URLSearchParams({ id: "é" });
    const request = new Request(`${server.origin}/a?b=c`, { method: "POST", headers, body });
    const response = await fetch(request);
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
    for (let i = 0; i < 3; i++) await fetch(server.origin);
    expect(server.requests).toHaveLength(3);
    expect(server.connections).toBe(1);
  });

  it("leaves it open whether what met a closing connection was carried out", async () => {
    const server = await startFickleServer();
    await fetch(server.url);
    const post = fetch(new Request(server.url, { method: "POST", body: "x" }));
    await expect(post).rejects.toMatchObject({ reason: "connection" });
    expect(server.seen).toEqual(["GET", "POST"]);
  });

  it("keeps no idle connection for as long as servers do", async () => {
    const server = await startFickleServer();
    await fetch(server.url);
    await server.closed;
    await fetch(server.url);
    expect(server.seen).toEqual(["GET", "GET"]);
  });

  it("gives up on a connection that does not come about", async () => {
    const server = await startFullServer();
    onTestFinished(server.close);
    const impatient = createFetch({}, { connectMs: 100 });
    await expect(impatient(server.url)).rejects.toMatchObject({ reason: "no connection" });
  });

  it.each(["gzip", "x-gzip", "GZIP"])("unpacks %j", async (encoding) => {
    const server = await startServer();
    server.fault("*", packed(encoding, gzipSync("plain")));
    expect(await (await fetch(server.origin)).text()).toBe("plain");
  });

  it.each([204, 304, 404, 503])("brings a response with status %i", async (status) => {
    const server = await startServer();
    server.fault("*", { kind: "http", status });
    const response = await fetch(server.origin);
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
    const call = fetch(new Request(server.origin, { signal: abort.signal })).catch((error) => error);
    await server.seen("*");
    abort.abort();
    expect(await call).toMatchObject({ name: "AbortError" });
    const late = fetch(new Request(server.origin, { signal: abort.signal }));
    await expect(late).rejects.toMatchObject({ name: "AbortError" });
    expect(server.requests).toHaveLength(1);
  });
});
