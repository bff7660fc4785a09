import { dirname } from "node:path";
import { expect, test } from "vitest";
import { chooseStateDir } from "../../src/config/load-config.ts";
import { collectProblems } from "../../src/config/problems.ts";

const SYSTEM = "/etc/magnets/config.json";
const FILE = "/home/me/conf/config.json";

interface Given {
  option?: string;
  setting?: string | null;
  configFile?: string;
}

function choose({ option, setting, configFile }: Given, env: NodeJS.ProcessEnv): string {
  const folder = configFile === undefined ? "/cwd" : dirname(configFile);
  const sources = { folder, cwd: "/cwd", env, problems: collectProblems(configFile, true) };
  return chooseStateDir(option, setting, configFile, sources);
}

/** Each row lacks what decided the one before. */
const table: [expected: string, given: Given, env: NodeJS.ProcessEnv][] = [
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

test.each(table)("%s", (expected, given, env) => {
  expect(choose(given, { HOME: "/home/me", ...env })).toBe(expected);
});

test("an empty --state-dir is a mistake", () => {
  expect(() => choose({ option: "" }, {})).toThrow("--state-dir: expected a path");
});
