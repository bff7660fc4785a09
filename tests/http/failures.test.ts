import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { explainFailure } from "../../src/http/failures.ts";
import { createFetch, FetchError } from "../../src/http/fetch.ts";
import { findProxy } from "../../src/http/proxy.ts";

const system = (code: string, syscall?: string) => Object.assign(new Error("SECRET"), { code, syscall });
const explain = (error: unknown) => explainFailure(error, 1_000);

describe("explainFailure", () => {
  it.each<[string, unknown, RegExp, boolean]>([
    [
      "a refusal",
      system("ECONNREFUSED", "connect"),
      /^the connection was refused: .* \(ECONNREFUSED\)$/,
      false,
    ],
    ["an unknown name", system("ENOTFOUND"), /^its name can't be resolved: is it spelled right/, false],
    ["no name server", system("EAI_AGAIN"), /^its name can't be resolved now: is there a network/, false],
    ["no route", system("ENETUNREACH", "connect"), /is this machine online\? \(ENETUNREACH\)$/, false],
    [
      "dropped packets",
      system("ETIMEDOUT", "connect"),
      /a firewall or a VPN may drop them \(ETIMEDOUT\)$/,
      false,
    ],
    ["a slow death", system("ETIMEDOUT", "read"), /^the connection broke off \(ETIMEDOUT\)$/, true],
    ["a reset", system("ECONNRESET", "read"), /^the connection broke off \(ECONNRESET\)$/, true],
    ["a clock that is behind", system("CERT_NOT_YET_VALID"), /clock is behind, set it .*timedatectl/, false],
    [
      "an expired certificate",
      system("CERT_HAS_EXPIRED"),
      /has expired, or this machine's clock is ahead/,
      false,
    ],
    ["an own authority", system("SELF_SIGNED_CERT_IN_CHAIN"), /NODE_EXTRA_CA_CERTS \(SELF_/, false],
    ["half a chain", system("UNABLE_TO_GET_ISSUER_CERT_LOCALLY"), /NODE_EXTRA_CA_CERTS/, false],
    ["a certificate of one's own", system("DEPTH_ZERO_SELF_SIGNED_CERT"), /NODE_EXTRA_CA_CERTS/, false],
    ["another's certificate", system("ERR_TLS_CERT_ALTNAME_INVALID"), /another host's: .*DNS blocker/, false],
    ["plain http", system("EPROTO", "write"), /does not speak TLS: is a sign-in page in between/, false],
    ["plain http, newer", system("ERR_SSL_WRONG_VERSION_NUMBER"), /does not speak TLS/, false],
    [
      "all addresses of a host",
      new AggregateError([system("ETIMEDOUT", "connect"), system("ENETUNREACH", "connect")]),
      /\(ETIMEDOUT\)$/,
      false,
    ],
    ["a code to come", system("ENEW", "connect"), /^no connection \(ENEW\)$/, false],
    ["a code that is not one", system("see https://x/SECRET"), /^the connection broke off$/, true],
    ["nothing", undefined, /^the connection broke off$/, true],
  ])(
    "says what %s means to a person, and nothing of the error's own",
    (_, cause, message, mayHaveArrived) => {
      const failure = explain(new FetchError("connection", { cause }));
      expect(failure).toEqual({
        message: expect.stringMatching(message),
        mayHaveArrived,
        mayPass: true,
        cause,
      });
      expect(failure.message).not.toContain("SECRET");
    },
  );

  it.each([["0.0.0.0"], ["127.0.0.1"], ["::"], ["::1"]])("recognizes a DNS blocker by %s", (address) => {
    const addresses = [address, "::"];
    const error = new FetchError("connection", { cause: system("ECONNREFUSED", "connect"), addresses });
    expect(explain(error).message).toBe(
      `its name leads to ${address}: a DNS blocker hides it; allow the name there (ECONNREFUSED)`,
    );
    const real = new FetchError("connection", { cause: error.cause, addresses: [address, "1.2.3.4"] });
    expect(explain(real).message).toMatch(/^the connection was refused/);
  });

  it("names the proxy, without its password, where the way to it is at fault", () => {
    const proxy = findProxy(new URL("https://a.example"), {
      https_proxy: "http://user:PASSWORD@proxy.lan:3128",
    });
    const refused = { cause: system("ECONNREFUSED", "connect"), proxy };
    expect(explain(new FetchError("connection", refused))).toMatchObject({
      message: expect.stringMatching(
        /^its proxy http:\/\/proxy\.lan:3128 \(https_proxy\): the connection was refused/,
      ),
      mayHaveArrived: false,
    });
    expect(explain(new FetchError("proxy", { status: 407, proxy }))).toMatchObject({
      message: expect.stringMatching(/wants a user name and password \(407\)/),
      mayHaveArrived: false,
      mayPass: false,
    });
    expect(explain(new FetchError("proxy", { status: 403, proxy }))).toMatchObject({
      message: expect.stringMatching(/proxy\.lan:3128 \(https_proxy\) did not let it through \(403\)/),
      mayHaveArrived: false,
      mayPass: false,
    });
    expect(explain(new FetchError("proxy", { status: 503, proxy }))).toMatchObject({ mayPass: true });
  });

  it("sees that plain http responds where TLS is expected", async () => {
    const server = createServer((socket) => socket.end("HTTP/1.1 302 Found\r\n\r\n")).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const error = await createFetch({})(`https://127.0.0.1:${port}/`).catch((reason) => reason);
    expect(explain(error)).toMatchObject({ message: expect.stringMatching(/does not speak TLS/) });
  });

  it("throws what is a bug", () => {
    const bug = new TypeError("oops");
    expect(() => explain(bug)).toThrow(bug);
  });
});
