import { afterEach, expect, it } from "vitest";
import {
  type AllDebridOptions,
  type AllDebridSandbox,
  startAllDebrid,
} from "../../examples/sandbox/alldebrid.ts";
import { SlidingWindow } from "../../examples/sandbox/sliding-window.ts";

let sandbox: AllDebridSandbox;
afterEach(() => sandbox?.close());

async function statusesOf(count: number, options: AllDebridOptions): Promise<number[]> {
  sandbox = await startAllDebrid(options);
  const one = async () => (await fetch(`${sandbox.url}/v4/user`)).status;
  return Promise.all(Array.from({ length: count }, one));
}

it("takes 12 at once and refuses the 13th", async () => {
  const statuses = await statusesOf(13, {});
  expect(statuses.filter((status) => status === 200)).toHaveLength(12);
  expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  expect(sandbox.peak).toEqual({ second: 13, minute: 13 });
});

it("does not carry out what it refuses", async () => {
  await statusesOf(13, {});
  expect(sandbox.requests.filter((request) => request.acted)).toHaveLength(12);
});

it("counts the minute, with another status and Retry-After if told so", async () => {
  const statuses = await statusesOf(3, { rateLimit: { perMinute: 2, status: 503, retryAfter: "7" } });
  expect(statuses.sort()).toEqual([200, 200, 503]);
  expect((await fetch(`${sandbox.url}/v4/user`)).headers.get("retry-after")).toBe("7");
});

it.each([
  ["html", "<html>"],
  ["empty", ""],
] as const)("answers with a 503 whose body is %s, as the live service does", async (body, start) => {
  await statusesOf(12, { rateLimit: { status: 503, body } });
  const response = await fetch(`${sandbox.url}/v4/user`);
  expect([response.status, response.headers.get("content-type")]).toEqual([503, "text/html; charset=UTF-8"]);
  expect((await response.text()).slice(0, 6)).toBe(start);
});

it("still counts when it is switched off", async () => {
  expect(new Set(await statusesOf(40, { rateLimit: false }))).toEqual(new Set([200]));
  expect(sandbox.peak.minute).toBe(40);
});

it("slides: what is a whole window old no longer counts", () => {
  const window = new SlidingWindow(1000);
  expect([0, 999, 1000, 1999, 5000].map((at) => window.add(at))).toEqual([1, 2, 2, 2, 1]);
  expect(window.peak).toBe(2);
});
