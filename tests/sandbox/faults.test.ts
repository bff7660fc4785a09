import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AllDebridSandbox, startAllDebrid } from "../../examples/sandbox/alldebrid.ts";
import {
  type Behaviour,
  cloudflarePage,
  emptyBody,
  tooManyRequests,
} from "../../examples/sandbox/behaviour.ts";
import { ask, DELETE, STATUS } from "./ask-alldebrid.ts";

let sandbox: AllDebridSandbox;

beforeEach(async () => {
  sandbox = await startAllDebrid({ accounts: [{ key: "k-main", magnets: [{ id: 1 }] }], rateLimit: false });
});
afterEach(() => sandbox.close());

const post = (path: string, init: RequestInit = {}) =>
  fetch(sandbox.url + path, {
    method: "POST",
    headers: { authorization: "Bearer k-main" },
    body: new URLSearchParams({ id: "1" }),
    ...init,
  });

/** The code of a connection's failure, wherever fetch puts it. */
const failure = async (pending: Promise<unknown>) => {
  const error = (await pending.then(
    () => null,
    (reason: unknown) => reason,
  )) as Error & { cause?: { code?: string } };
  return error?.cause?.code;
};

describe("whole answers", () => {
  it.each<[string, Behaviour, number, string]>([
    ["an API error", { kind: "api-error", code: "GENERIC" }, 200, '"code":"GENERIC"'],
    ["429 with garbage", tooManyRequests("soon"), 429, "Too Many"],
    ["a page from Cloudflare", cloudflarePage(503), 503, "<html>"],
    ["HTML with 200", cloudflarePage(200), 200, "<html>"],
    ["null", { kind: "json", value: null }, 200, "null"],
    ["any JSON", { kind: "json", value: [1] }, 200, "[1]"],
    ["a rewritten answer", { kind: "rewrite", edit: () => "edited" }, 200, "edited"],
    ["a late answer", { kind: "delay", ms: 1 }, 200, "success"],
    ["an answer held back", { kind: "hold", until: Promise.resolve() }, 200, "success"],
    ["anything", { kind: "handler", handle: (_, response) => void response.end("mine") }, 200, "mine"],
  ])("%s", async (_, behaviour, status, body) => {
    sandbox.fault("status", behaviour);
    const response = await post(STATUS);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(body);
    expect(sandbox.requests[0]).toMatchObject({ status, fault: behaviour.kind });
  });

  it("an empty body", async () => {
    sandbox.fault("status", emptyBody());
    expect(await (await post(STATUS)).text()).toBe("");
  });

  it("Retry-After as it was given", async () => {
    sandbox.fault("*", tooManyRequests("Wed, 21 Oct 2015 07:28:00 GMT"));
    expect((await post(STATUS)).headers.get("retry-after")).toBe("Wed, 21 Oct 2015 07:28:00 GMT");
  });

  it("a redirect", async () => {
    sandbox.fault("*", { kind: "redirect", location: "http://127.0.0.1:1/elsewhere" });
    const response = await post(STATUS, { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([
      307,
      "http://127.0.0.1:1/elsewhere",
    ]);
  });
});

describe("broken connections", () => {
  it.each<[string, Behaviour, string]>([
    ["a reset", { kind: "reset" }, "ECONNRESET"],
    ["a close", { kind: "close" }, "UND_ERR_SOCKET"],
    ["a body shorter than announced", { kind: "truncated" }, "UND_ERR_SOCKET"],
    ["chunks without an end", { kind: "truncated", chunked: true }, "UND_ERR_SOCKET"],
  ])("%s", async (_, behaviour, code) => {
    sandbox.fault("status", behaviour);
    expect(await failure(post(STATUS).then((response) => response.text()))).toBe(code);
  });

  it("silence", async () => {
    sandbox.fault("*", { kind: "no-header" });
    const stop = new AbortController();
    const pending = post(STATUS, { signal: stop.signal });
    await sandbox.seen("status");
    stop.abort();
    await expect(pending).rejects.toThrow("aborted");
    expect(sandbox.requests[0]?.status).toBeNull();
  });

  it.each<[string, Behaviour, number]>([
    ["drips", { kind: "drip", everyMs: 1 }, 12],
    ["never ends", { kind: "endless" }, 20_000_000],
    ["unpacks to gigabytes", { kind: "gzip-bomb" }, 50_000_000],
  ])("a body that %s, until the reader leaves", async (_, behaviour, enough) => {
    sandbox.fault("*", behaviour);
    const response = await post(STATUS);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (let read = 0; read < enough; ) read += (await reader.read()).value?.length ?? Number.NaN;
    await reader.cancel();
  });

  it("bodies that do end when they are made shorter", async () => {
    sandbox.fault("*", { kind: "endless", bytes: 3_000_000 }, { times: 1 });
    sandbox.fault("*", { kind: "gzip-bomb", bytes: 20_000_000 }, { times: 1 });
    for (const bytes of [3_000_000, 20_000_000]) {
      const text = await (await post(STATUS)).text();
      expect(text.length).toBeGreaterThan(bytes);
      expect(JSON.parse(text)).toMatchObject({ status: "success" });
    }
  });
});

describe("when", () => {
  it("loses the answer of a deletion that was carried out", async () => {
    sandbox.fault("delete", { kind: "lost-answer" }, { times: 1 });
    expect(await failure(post(DELETE))).toBe("UND_ERR_SOCKET");
    expect(sandbox.account().find(1)).toBeUndefined();
    expect((await ask(sandbox, DELETE, { id: "1" })).error.code).toBe("MAGNET_INVALID_ID");
  });

  it.each([true, false])("acts before any fault if told to: %s", async (act) => {
    sandbox.fault("delete", cloudflarePage(502), { act });
    expect((await post(DELETE)).status).toBe(502);
    expect(sandbox.account().find(1) === undefined).toBe(act);
    expect(sandbox.requests[0]?.acted).toBe(act);
  });

  it("plays one fault after the other, as often as told", async () => {
    sandbox.fault("status", cloudflarePage(502), { times: 2, after: 1 });
    const last = sandbox.fault("status", cloudflarePage(503));
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await post(STATUS)).status);
    expect(statuses).toEqual([503, 502, 502, 503]);
    expect(last.hits).toBe(2);
    last.remove();
    expect((await post(STATUS)).status).toBe(200);
  });

  it("picks requests by any question, and leaves others alone", async () => {
    sandbox.fault((request) => request.form.get("id") === "2", cloudflarePage(502));
    expect((await post(STATUS)).status).toBe(200);
    sandbox.fault((request) => request.account === "user-1", cloudflarePage(503));
    expect((await post(STATUS)).status).toBe(503);
  });
});

it("records what came", async () => {
  await ask(sandbox, STATUS, { status: "error" });
  const [request] = sandbox.requestsTo("status");
  expect(request).toMatchObject({
    method: "POST",
    path: STATUS,
    key: "k-main",
    account: "user-1",
    status: 200,
  });
  expect(request?.form.get("status")).toBe("error");
  expect(request?.remote).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(sandbox.connections).toBe(1);
});
