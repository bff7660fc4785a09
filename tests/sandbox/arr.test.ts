import { expect, it } from "vitest";
import { hashOf, openArr } from "../arrs/arr-records.ts";

const headersOf = ({ key }: { key: string }) => ({ "x-api-key": key });

it("the fake of Sonarr and Radarr complains of what their documents do not have", async () => {
  const arr = await openArr();
  arr.grabbed({ hash: hashOf(1) });
  arr.imported({ hash: hashOf(1) });
  const headers = headersOf(arr);
  const api = `${arr.url}/api/v3`;
  await fetch(`${api}/history?pageSize=9&DownloadId=x`, { headers });
  expect(arr.violations).toEqual([]);
  await fetch(`${api}/queue`, { headers });
  await fetch(`${api}/history?hash=x`, { headers });
  await fetch(`${api}/history?page=one`, { headers });
  await fetch(`${api}/system/status?apikey=${arr.key}`);
  await fetch(`${api}/history/failed/1`, { method: "POST", body: "{}", headers });
  await fetch(`${api}/history/failed/2`, { method: "POST", headers });
  expect(arr.violations).toEqual([
    "GET /api/v3/queue does not exist",
    "GET /api/v3/history does not take hash",
    "GET /api/v3/history does not take page",
    "GET /api/v3/system/status does not take apikey",
    "POST /api/v3/history/failed/1 takes no body",
    "record 2 is not a grab, but downloadFolderImported",
  ]);
});

it("it is not idempotent, compares hashes in capitals, and answers 401 before it redirects", async () => {
  const arr = await openArr({ base: "/tv" });
  arr.grabbed({ hash: hashOf(1), items: [1, 2] });
  const headers = headersOf(arr);
  const ask = async (path: string, method = "GET") => {
    const response = await fetch(arr.url + path, { method, headers });
    return (await response.json()) as { totalRecords?: number };
  };
  for (let n = 0; n < 2; n++) expect(await ask("/api/v3/history/failed/1", "POST")).toEqual({});
  expect(arr.marked).toHaveLength(2);
  const total = async (hash: string) => (await ask(`/api/v3/history?downloadId=${hash}`)).totalRecords;
  expect([await total(hashOf(1)), await total(hashOf(1).toUpperCase())]).toEqual([0, 6]);

  const address = `${arr.origin}/api/v3/system/status`;
  const refused = await fetch(address, { redirect: "manual" });
  expect([refused.status, await refused.text()]).toEqual([401, ""]);
  const redirected = await fetch(address, { redirect: "manual", headers });
  expect([redirected.status, redirected.headers.get("location")]).toEqual([307, "/tv/api/v3/system/status?"]);
  const page = await fetch(`${arr.origin}/nothing/api/v3/system/status`, { headers });
  expect(page.headers.get("content-type")).toContain("html");
  expect((await fetch(`${arr.origin}/nothing`, { method: "POST", headers })).status).toBe(405);
});
