import { expect, test } from "vitest";
import { chooseStateDir } from "../../src/config/load-config.ts";

const SYSTEM = "/etc/magnets/config.json";
const FILE = "/home/me/conf/config.json";

/** Each row lacks what decided the one before. */
const table: [expected: string, sources: Parameters<typeof chooseStateDir>[0], env: NodeJS.ProcessEnv][] = [
  [
    "/cwd/opt",
    { option: "opt", setting: "s", configFile: FILE },
    { MAGNETS_STATE_DIR: "/v", STATE_DIRECTORY: "/d" },
  ],
  ["/home/me/opt", { option: "~/opt" }, {}],
  ["/v", { setting: "s", configFile: FILE }, { MAGNETS_STATE_DIR: "/v", STATE_DIRECTORY: "/d" }],
  ["/cwd/v", {}, { MAGNETS_STATE_DIR: "v" }],
  ["/d", { setting: "s", configFile: FILE }, { MAGNETS_STATE_DIR: "", STATE_DIRECTORY: "/d:/e" }],
  ["/home/me/conf/s", { setting: "s", configFile: FILE }, { STATE_DIRECTORY: "" }],
  ["/home/me/s", { setting: "~/s", configFile: FILE }, {}],
  ["/s", { setting: "/s", configFile: SYSTEM }, {}],
  ["/var/lib/magnets", { configFile: SYSTEM }, { XDG_STATE_HOME: "/x" }],
  ["/x/magnets", { configFile: FILE }, { XDG_STATE_HOME: "/x" }],
  ["/home/me/.local/state/magnets", { setting: "", configFile: FILE }, { XDG_STATE_HOME: "relative" }],
  ["/home/me/.local/state/magnets", { setting: null }, {}],
];

test.each(table)("%s", (expected, sources, env) => {
  expect(chooseStateDir(sources, { HOME: "/home/me", ...env }, "/cwd")).toBe(expected);
});

test("an empty --state-dir is a mistake", () => {
  expect(() => chooseStateDir({ option: "" }, {}, "/cwd")).toThrow("--state-dir: expected a path");
});
