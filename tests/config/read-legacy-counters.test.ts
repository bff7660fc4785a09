import { mkdir, symlink, truncate } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configFolder, KEY } from "./config-folder.ts";

const TEXT = '{"403207307": {"fails": 3, "last_status": "error"}}';

test("retry_counts.json beside the config is read", async () => {
  const folder = await configFolder({ api_keys: [KEY] });
  const path = await folder.write("retry_counts.json", TEXT);
  expect((await folder.load()).config.legacyCounters).toEqual({ path, text: TEXT });
});

test("retry_counts_path is relative to the config", async () => {
  const folder = await configFolder({ api_keys: [KEY], retry_counts_path: "old/counts.json" });
  const path = await folder.write("old/counts.json", `\uFEFF${TEXT}`);
  expect((await folder.load()).config.legacyCounters).toEqual({ path, text: TEXT });
});

test.each([
  ["a folder", "it is a folder", (path: string) => mkdir(path)],
  [
    "a device",
    "it is not a regular file but a pipe, a socket or a device",
    (path: string) => symlink("/dev/zero", path),
  ],
  [
    "a link to itself",
    "its symbolic links form a loop (ELOOP)",
    (path: string) => symlink("retry_counts.json", path),
  ],
])("%s is an error on record", async (_, error, make) => {
  const folder = await configFolder({ api_keys: [KEY] });
  const path = join(folder.path, "retry_counts.json");
  await make(path);
  expect((await folder.load()).config.legacyCounters).toEqual({ path, error });
});

test("a huge file is not read", async () => {
  const folder = await configFolder({ api_keys: [KEY], retry_counts_path: "retry_counts.json" });
  const path = await folder.write("retry_counts.json", "");
  await truncate(path, 17 * 1024 * 1024);
  const { config, warnings } = await folder.load();
  expect(config.legacyCounters).toEqual({ path, error: "it is too large" });
  expect(warnings).toEqual([]);
});
