import { chmod, mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { distrust, findConfig } from "../../src/config/config-file.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { ConfigError } from "../../src/config/problems.ts";
import { configFolder, KEY, rejection, thrown } from "./config-folder.ts";

const CONFIG = { api_keys: [KEY] };

describe("the first that exists", () => {
  // Each row takes away the one that the row before found.
  const order = [
    "option.json",
    "variable.json",
    "xdg/magnets/config.json",
    "etc/config.json",
    "cwd/config.json",
  ];
  test.each(order)("is %s", async (expected) => {
    const folder = await configFolder();
    const remaining = order.slice(order.indexOf(expected));
    for (const name of remaining) await folder.write(name, CONFIG);
    const env = {
      HOME: folder.path,
      XDG_CONFIG_HOME: join(folder.path, "xdg"),
      MAGNETS_CONFIG: remaining.includes("variable.json") ? join(folder.path, "variable.json") : "",
    };
    const option = remaining.includes("option.json") ? "../option.json" : undefined;
    const found = findConfig(option, env, join(folder.path, "cwd"), join(folder.path, "etc/config.json"));
    expect(found.file).toBe(join(folder.path, expected));
  });

  test.each([
    ["unset", undefined],
    ["empty", ""],
    ["relative, which XDG says to ignore", "xdg"],
  ])("is looked for in ~/.config when XDG_CONFIG_HOME is %s", async (_, value) => {
    const folder = await configFolder();
    const file = await folder.write(".config/magnets/config.json", CONFIG);
    const env = { HOME: folder.path, ...(value === undefined ? {} : { XDG_CONFIG_HOME: value }) };
    const { config } = await loadConfig({ keysRequired: true }, env, folder.path);
    expect(config.file).toBe(file);
  });

  test("is not where the home folder is none", async () => {
    const folder = await configFolder();
    const file = await folder.write("cwd/config.json", CONFIG);
    expect(findConfig(undefined, { HOME: "/dev/null" }, dirname(file), "/dev/null/config.json").file).toBe(
      file,
    );
  });

  test("~/ is the home folder", async () => {
    const folder = await configFolder(CONFIG);
    expect(findConfig("~/config.json", { HOME: folder.path }, "/").file).toBe(folder.file);
  });
});

describe("./config.json", () => {
  /** What is said of it in a folder of these modes. */
  async function said(folderMode: number, fileMode: number): Promise<string> {
    const folder = await configFolder();
    await folder.write("cwd/config.json", CONFIG, fileMode);
    await chmod(join(folder.path, "cwd"), folderMode);
    const load = loadConfig({ keysRequired: true }, { HOME: folder.path }, join(folder.path, "cwd"));
    return load.then(
      () => "used",
      (error: Error) => error.message.replaceAll(folder.path, "HOME"),
    );
  }

  test.each([
    [0o700, 0o600, "used"],
    [0o755, 0o644, "used"],
    [0o757, 0o600, "HOME/cwd/config.json is not used: its folder HOME/cwd can be written by every user"],
    [0o1777, 0o600, "HOME/cwd/config.json is not used: its folder HOME/cwd can be written by every user"],
    [0o700, 0o606, "HOME/cwd/config.json is not used: HOME/cwd/config.json can be written by every user"],
  ])("in a folder of mode %o, of mode %o", async (folderMode, fileMode, expected) => {
    const found = await said(folderMode, fileMode);
    expect(found.split(". ")[0]).toBe(expected);
    if (found !== "used") expect(found).toContain("If you trust it, name it with --config");
  });

  test("named, it is used wherever it is", async () => {
    const folder = await configFolder();
    const file = await folder.write("cwd/config.json", CONFIG);
    await chmod(join(folder.path, "cwd"), 0o777);
    const { config } = await loadConfig({ configPath: "config.json", keysRequired: true }, {}, dirname(file));
    expect(config.file).toBe(file);
  });

  test("of a link, the folder that it leads to counts, too", async () => {
    const folder = await configFolder();
    const real = await folder.write("open/real.json", CONFIG);
    await chmod(dirname(real), 0o777);
    await mkdir(join(folder.path, "cwd"));
    await symlink(real, join(folder.path, "cwd/config.json"));
    expect(distrust(join(folder.path, "cwd/config.json"))).toBe(
      `its folder ${dirname(real)} can be written by every user`,
    );
  });
});

describe("never a reason to look further", () => {
  test.each([
    ["--config", "absent.json", {}],
    ["$MAGNETS_CONFIG", undefined, { MAGNETS_CONFIG: "absent.json" }],
  ])("%s names a file that is not there", async (name, configPath, variables) => {
    const folder = await configFolder(CONFIG);
    const error = await thrown(() =>
      findConfig(configPath, { HOME: folder.path, ...variables }, folder.path),
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(
      `${name}: there is no file ${join(folder.path, "absent.json")}. Correct the path`,
    );
  });

  test.each([
    ["a folder", "it is a folder", (path: string) => mkdir(path, { recursive: true })],
    ["a link to nowhere", "there is no such file", (path: string) => symlink("nowhere", path)],
    [
      "a link to itself",
      "its symbolic links form a loop (ELOOP)",
      (path: string) => symlink("config.json", path),
    ],
  ])("%s", async (_, reason, make) => {
    const folder = await configFolder(CONFIG);
    await mkdir(join(folder.path, ".config/magnets"), { recursive: true });
    const path = join(folder.path, ".config/magnets/config.json");
    await make(path);
    const error = await rejection(loadConfig({ keysRequired: false }, { HOME: folder.path }, folder.path));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toBe(
      `${path} can't be read: ${reason}. Correct this, or name another file with --config.`,
    );
  });

  test.each([
    ["Latin-1", Buffer.from([0x7b, 0xe9, 0x7d])],
    ["UTF-16", Buffer.from("\ufeff{}", "utf16le")],
  ])("one in %s", async (_, bytes) => {
    const folder = await configFolder(bytes);
    expect(await folder.problems()).toEqual([
      `${folder.file} can't be read: it is not UTF-8 text: save it as UTF-8`,
    ]);
  });

  test("one too large", async () => {
    const folder = await configFolder(" ".repeat(1_100_000));
    expect(await folder.problems()).toEqual([`${folder.file} can't be read: it is too large`]);
  });
});

test("none found: says where it looked and how to begin, on one line", async () => {
  const folder = await configFolder();
  const env = { HOME: folder.path };
  const found = findConfig(undefined, env, folder.path, join(folder.path, "etc.json"));
  expect(found).toEqual({
    lookedFor: [".config/magnets/config.json", "etc.json", "config.json"].map((name) =>
      join(folder.path, name),
    ),
  });
});

test("an empty --config is a mistake", async () => {
  expect(String(await thrown(() => findConfig("", {}, "/")))).toContain(
    "--config: expected the path of a config file",
  );
});
