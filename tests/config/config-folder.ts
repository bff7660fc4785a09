import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { loadConfig } from "../../src/config/load-config.ts";
import { ConfigError } from "../../src/config/problems.ts";

/** A key and a webhook that look like real ones. */
export const KEY = "aB3dE6gH9jK2mN5pQ8sT";
export const WEBHOOK = "https://discord.com/api/webhooks/123456789012345678/Tok-en_abcDEF";

/** A temporary folder with a config in it; it is the home folder, too, so nothing of the machine is read. */
export interface ConfigFolder {
  readonly path: string;
  readonly file: string;
  write(name: string, content: unknown, mode?: number): Promise<string>;
  load(options?: { keysRequired?: boolean; env?: NodeJS.ProcessEnv }): ReturnType<typeof loadConfig>;
  /** The problems, a line each. */
  problems(options?: { keysRequired?: boolean; env?: NodeJS.ProcessEnv }): Promise<readonly string[]>;
}

/** Makes the folder; `content` is written as JSON, strings as they are. It is removed when the test ends. */
export async function configFolder(content?: unknown): Promise<ConfigFolder> {
  const path = await mkdtemp(join(tmpdir(), "magnets-config-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const file = join(path, "config.json");
  const folder: ConfigFolder = {
    path,
    file,
    async write(name, data, mode = 0o600) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      const text = typeof data === "string" || Buffer.isBuffer(data) ? data : JSON.stringify(data);
      await writeFile(join(path, name), text);
      // Not by writeFile, which obeys the umask.
      await chmod(join(path, name), mode);
      return join(path, name);
    },
    load({ keysRequired = true, env = {} } = {}) {
      return loadConfig({ configPath: file, keysRequired }, { HOME: path, ...env }, path);
    },
    async problems(options) {
      const error = await rejection(folder.load(options));
      if (!(error instanceof ConfigError)) throw error;
      return error.problems;
    },
  };
  if (content !== undefined) await folder.write("config.json", content);
  return folder;
}

/** What the promise was rejected with; fails when it was not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("expected a rejection");
}

/** What the call threw; fails when it threw nothing. */
export function thrown(call: () => unknown): Promise<unknown> {
  return rejection(Promise.resolve().then(call));
}
