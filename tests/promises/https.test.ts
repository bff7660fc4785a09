import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, type TestContext } from "vitest";
import { test } from "../support/machine.ts";

/** A key and a certificate for `localhost`, made for this test and trusted by nobody. */
const PEM = join(import.meta.dirname, "localhost.pem");

/** AllDebrid as far as a quiet sweep needs it, over TLS and packed, as the live service answers. */
async function startTlsServer(onTestFinished: TestContext["onTestFinished"]) {
  const identity = readFileSync(PEM, "utf8");
  const paths: string[] = [];
  let connections = 0;
  const server = createServer({ key: identity, cert: identity }, (request, response) => {
    paths.push(`${request.method} ${request.url}`);
    request.resume();
    const user = { username: "someone", isPremium: true, premiumUntil: 4_000_000_000 };
    const data = request.url === "/v4/user" ? { user } : { magnets: [] };
    response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
    response.end(gzipSync(JSON.stringify({ status: "success", data })));
  });
  server.on("secureConnection", () => connections++);
  server.listen(0, "localhost");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  return { url, paths, connections: () => connections };
}

describe.concurrent("over TLS", () => {
  test("a sweep works, and ends as soon as it is done", async ({ machine, onTestFinished }) => {
    const server = await startTlsServer(onTestFinished);
    await machine.configure({});
    const env = { MAGNETS_API_URL: server.url, NODE_EXTRA_CA_CERTS: PEM };
    expect(await machine.run(["run-once"], { env })).toMatchObject({ code: 0 });
    expect(server.paths.sort()).toEqual([
      "GET /v4/user",
      "POST /v4.1/magnet/status",
      "POST /v4.1/magnet/status",
    ]);
    expect(server.connections()).toBeLessThanOrEqual(3);
  });

  test("a certificate that nobody vouches for is refused before the key is sent", async ({
    machine,
    onTestFinished,
  }) => {
    const server = await startTlsServer(onTestFinished);
    await machine.configure({});
    const env = { MAGNETS_API_URL: server.url, NODE_EXTRA_CA_CERTS: "" };
    const { code, stderr } = await machine.run(["run-once"], { env });
    expect(code).toBe(3);
    expect(stderr).toContain("NODE_EXTRA_CA_CERTS (DEPTH_ZERO_SELF_SIGNED_CERT)");
    expect(server.paths).toEqual([]);
  });
});
