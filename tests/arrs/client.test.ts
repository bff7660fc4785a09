import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Behaviour } from "../../examples/sandbox/behaviour.ts";
import { ArrError } from "../../src/arrs/client.ts";
import { clientOf, hashOf, openArr } from "./arr-records.ts";

const trouble = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable("it went well"),
    (error: unknown) => {
      expect(error).toBeInstanceOf(ArrError);
      return error as ArrError;
    },
  );

describe("a server", () => {
  it("says what it is, and its settings", async () => {
    const [sonarr, radarr] = [await openArr(), await openArr({ kind: "radarr" })];
    const on = { searches: true, searchesInteractive: true };
    const { version } = sonarr;
    expect(await clientOf(sonarr).status()).toEqual({ kind: "sonarr", version, ...on });
    expect(await clientOf(radarr).status()).toEqual({ kind: "radarr", version: radarr.version, ...on });
    sonarr.settings.autoRedownloadFailedFromInteractiveSearch = false;
    const partly = { searches: true, searchesInteractive: false };
    expect(await clientOf(sonarr).status()).toEqual({ kind: "sonarr", version, ...partly });
    sonarr.settings.autoRedownloadFailed = false;
    const off = { searches: false, searchesInteractive: false };
    expect(await clientOf(sonarr).status()).toEqual({ kind: "sonarr", version, ...off });
    expect([...sonarr.violations, ...radarr.violations]).toEqual([]);
  });

  it("is asked with the key in its header alone", async () => {
    const arr = await openArr();
    await clientOf(arr).history(hashOf(1));
    expect(arr.requests.map(({ headers }) => headers["x-api-key"])).toEqual([arr.key]);
    expect(String(arr.requests[0]?.query)).not.toContain(arr.key);
  });

  it("may close each connection without a word", async () => {
    const record = {
      id: 7,
      eventType: "grabbed",
      downloadId: hashOf(1).toUpperCase(),
      date: "2026-05-09T08:00:00Z",
    };
    const body = JSON.stringify({ totalRecords: 1, records: [record] });
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () =>
        socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
      );
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const client = clientOf({ url: `http://127.0.0.1:${port}`, key: "x" });
    for (let n = 0; n < 3; n++) {
      expect(await client.history(hashOf(1))).toHaveLength(1);
      expect(await client.markFailed(7)).toBe(true);
    }
  });

  it.each(["Lidarr", "Whisparr"])("that is %s is trouble", async (appName) => {
    const arr = await openArr({ appName });
    const { message } = await trouble(clientOf(arr).status());
    expect(message).toMatch(
      /is Whisparr, and only Sonarr and Radarr can be told|has no such address \(404\)/,
    );
  });
});

describe("the history", () => {
  it("is asked for the hash in capitals, and read to its last page", async () => {
    const arr = await openArr();
    const items = Array.from({ length: 300 }, (_, i) => i + 1);
    arr.grabbed({ hash: hashOf(1), items, releaseSource: "Rss" });
    arr.imported({ hash: hashOf(1), items });
    arr.grabbed({ hash: hashOf(2) });
    const records = await clientOf(arr).history(hashOf(1));
    const events = records.map(({ eventType }) => eventType);
    expect(events.filter((each) => each === "grabbed")).toHaveLength(300);
    expect(events).toHaveLength(600);
    expect(records.at(-1)).toMatchObject({ eventType: "grabbed", data: { releaseSource: "Rss" } });
    expect(arr.requests.map(({ query }) => query.get("page"))).toEqual(["1", "2", "3"]);
    expect(arr.violations).toEqual([]);
  });

  it("is read to its end though a page holds less than was asked for", async () => {
    const arr = await openArr();
    arr.grabbed({ hash: hashOf(1), items: [1, 2, 3] });
    const pages = arr.records.map((record) => ({ totalRecords: 3, records: [record] }));
    for (const value of pages) arr.fault("history", { kind: "json", value }, { times: 1 });
    expect((await clientOf(arr).history(hashOf(1))).map(({ id }) => id).sort()).toEqual([1, 2, 3]);
  });

  it("of a server that does not filter holds no other download's records", async () => {
    const arr = await openArr();
    arr.grabbed({ hash: hashOf(2) });
    const value = { page: 1, pageSize: 250, totalRecords: 1, records: arr.records };
    arr.fault("history", { kind: "json", value });
    expect(await clientOf(arr).history(hashOf(1))).toEqual([]);
    expect(await clientOf(arr).history(hashOf(2))).toHaveLength(1);
  });

  it("that does not end is trouble, and not an empty one", async () => {
    const arr = await openArr();
    arr.grabbed({ hash: hashOf(2) });
    arr.fault("history", { kind: "json", value: { totalRecords: 1e9, records: arr.records } });
    await trouble(clientOf(arr).history(hashOf(1)));
  });
});

describe("marking as failed", () => {
  it("takes a season at once in Sonarr, and one movie in Radarr", async () => {
    for (const [kind, items] of [
      ["sonarr", [1, 2, 3]],
      ["radarr", [2]],
    ] as const) {
      const arr = await openArr({ kind });
      arr.grabbed({ hash: hashOf(1), items: [1, 2, 3] });
      expect(await clientOf(arr).markFailed(2)).toBe(true);
      expect(arr.marked).toEqual([{ hash: hashOf(1), items }]);
      expect(arr.violations).toEqual([]);
    }
  });

  it("is false where there is no such record, by the server's own word alone", async () => {
    const arr = await openArr();
    expect(await clientOf(arr).markFailed(7)).toBe(false);
    for (const body of ["", "<html>404</html>", "{}", "[]"]) {
      const fault = arr.fault("failed", { kind: "http", status: 404, body });
      await trouble(clientOf(arr).markFailed(7));
      fault.remove();
    }
  });
});

describe("trouble", () => {
  const HTML = "<!doctype html><html></html>";
  it.each<[string, Behaviour]>([
    ["a page of HTML", { kind: "http", status: 200, body: HTML }],
    ["nothing", { kind: "http", status: 200, body: "" }],
    ["JSON cut in half", { kind: "truncated" }],
    ["other JSON", { kind: "json", value: {} }],
    ["a list", { kind: "json", value: [] }],
    ["null", { kind: "json", value: null }],
    ["records without a date", { kind: "json", value: { totalRecords: 1, records: [{ id: 1 }] } }],
    ["503: it is starting", { kind: "http", status: 503, body: '{"errorMessage":"starting"}' }],
    ["500", { kind: "http", status: 500, body: '{"message":"database is locked"}' }],
    ["a reset", { kind: "reset" }],
    ["no answer at all", { kind: "close" }],
    ["a redirect to nowhere", { kind: "redirect", location: "http://[" }],
    ["a redirect to itself", { kind: "redirect", location: "" }],
  ])("is %s, and never an empty history", async (_, behaviour) => {
    const arr = await openArr();
    arr.fault("*", behaviour);
    const error = await trouble(clientOf(arr).history(hashOf(1)));
    expect(error.code).toBe("ARR_UNREACHABLE");
    expect(error.message).toMatch(/^sonarr\b[^\n]+$/);
    expect(error.message).not.toContain(arr.key);
    // Nothing is tried again; a redirect to itself is followed three times.
    expect(arr.requests.length).toBeLessThanOrEqual(4);
  });

  it("is a server that is not there, and one that is asked for half a minute", async () => {
    const arr = await openArr();
    const end = new AbortController();
    arr.mode = "hang";
    const asked = trouble(clientOf(arr, "sonarr", end.signal).status());
    await arr.seen("status");
    end.abort();
    // Its answer was not waited for, so it may be well.
    expect((await asked).code).toBe("ARR_STOPPED");
    await arr.close();
    expect((await trouble(clientOf(arr).status())).message).toContain("ECONNREFUSED");
  });

  it("is a refused key", async () => {
    const arr = await openArr();
    const { code, message } = await trouble(clientOf({ url: arr.url, key: "another" }).status());
    expect([code, message]).toEqual([
      "ARR_KEY",
      expect.stringMatching(/^sonarr refuses the API key \(401\)/),
    ]);
  });
});

describe("redirects", () => {
  it("to the base path that the address left out are followed", async () => {
    const arr = await openArr({ base: "/sonarr" });
    arr.grabbed({ hash: hashOf(1) });
    const client = clientOf({ url: arr.origin, key: arr.key });
    expect(await client.history(hashOf(1))).toHaveLength(1);
    expect(await client.markFailed(1)).toBe(true);
    expect(await clientOf(arr).history(hashOf(1))).toHaveLength(2);
    expect(arr.violations).toEqual([]);
  });

  it("within the server are followed without the user name in them, and not after a stop", async () => {
    const arr = await openArr();
    const location = `http://me:secret@${new URL(arr.url).host}/api/v3/system/status#top`;
    arr.fault("status", { kind: "redirect", status: 307, location }, { times: 1 });
    expect(await clientOf(arr).status()).toMatchObject({ kind: "sonarr" });
    const stop = new AbortController();
    arr.fault("status", {
      kind: "handler",
      handle: (_, response) => {
        stop.abort();
        response.writeHead(307, { location }).end();
      },
    });
    const { code } = await trouble(clientOf(arr, "sonarr", undefined, stop.signal).status());
    expect([code, arr.requestsTo("status").length]).toEqual(["ARR_STOPPED", 3]);
  });

  it("elsewhere are not followed, and the key stays", async () => {
    const [arr, portal] = [await openArr(), await openArr({ kind: "radarr" })];
    const location = `${portal.origin}/login?returnUrl=/api/v3/system/status`;
    for (const status of [301, 302, 303, 307, 308] as const) {
      const fault = arr.fault("*", { kind: "redirect", location, status });
      const { message } = await trouble(clientOf(arr).status());
      expect(message).toContain("redirects elsewhere");
      fault.remove();
    }
    expect([portal.requests, arr.requests.length]).toEqual([[], 5]);
  });

  it("to a page for signing in on the same server are trouble", async () => {
    const arr = await openArr();
    arr.fault("status", { kind: "redirect", status: 302, location: "/login?returnUrl=%2f" });
    expect((await trouble(clientOf(arr).status())).message).toContain(
      "did not respond as a Sonarr or Radarr",
    );
  });

  it("a base path that the server does not have is trouble", async () => {
    const arr = await openArr();
    const client = clientOf({ url: `${arr.origin}/base`, key: arr.key });
    await trouble(client.status());
    await trouble(client.markFailed(1));
  });
});
