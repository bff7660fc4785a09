import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explainReadError, readSmallFile } from "../../src/config/files.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { configFolder, KEY, rejection, thrown } from "./config-folder.ts";

test.each([
  ["ENOENT", "there is no such file"],
  ["ENOTDIR", "there is no such file (part of the path is not a folder)"],
  ["EISDIR", "it is a folder"],
  ["EFBIG", "it is too large"],
  ["EACCES", "permission denied (EACCES)"],
  ["EPERM", "permission denied (EPERM)"],
  ["ELOOP", "its symbolic links form a loop (ELOOP)"],
  ["EIO", "the system reported EIO"],
])("%s: %s", (code, words) => {
  expect(explainReadError(Object.assign(new Error("x"), { code }), "/absent")).toBe(words);
});

test("an error that is not the system's stays a bug", () => {
  expect(() => explainReadError(new TypeError("bug"), "/absent")).toThrow(TypeError);
});

const NOT_REGULAR = "it is not a regular file but a pipe, a socket or a device";

test("a device is not read", async () => {
  expect(explainReadError(await thrown(() => readSmallFile("/dev/zero", 100_000)), "/dev/zero")).toBe(
    NOT_REGULAR,
  );
});

/** A pipe that nobody writes into: opened as a file is, it would be waited for. */
async function fifo(): Promise<string> {
  const path = join((await configFolder()).path, "pipe");
  execFileSync("mkfifo", [path]);
  return path;
}

test("nobody waits for a pipe: as a config", async () => {
  const folder = await configFolder();
  const path = await fifo();
  const loaded = loadConfig({ configPath: path, keysRequired: false }, { HOME: folder.path }, folder.path);
  expect(await rejection(loaded)).toMatchObject({
    name: "ConfigError",
    exitCode: 2,
    problems: [`${path} can't be read: ${NOT_REGULAR}`],
  });
});

test.each([
  ["a key", (path: string) => ({ api_keys: [{ key_file: path }] }), "api_keys: key 1, key_file"],
  [
    "the webhook",
    (path: string) => ({ api_keys: [KEY], discord_webhook_url_file: path }),
    "discord_webhook_url_file",
  ],
])("nor as %s's file", async (_, content, place) => {
  const folder = await configFolder(content(await fifo()));
  expect(await folder.problems()).toEqual([`config.json: ${place}: the file can't be read: ${NOT_REGULAR}`]);
});
