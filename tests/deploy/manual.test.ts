import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configSchema } from "../../src/config/schema.ts";
import { ExitCode } from "../../src/errors.ts";
import { NODE } from "../support/start-magnets.ts";
import { ROOT, runTool } from "./shell-tools.ts";

const manual = readFileSync(join(ROOT, "deploy/man/magnets.1"), "utf8").replaceAll("\\-", "-");
const magnets = join(ROOT, "bin/magnets.js");

/** The names that a list in a help text begins its lines with. */
function listed(help: string, heading: string): string[] {
  const list = help.split(`${heading}:\n`)[1]?.split("\n\n")[0] ?? "";
  return [...list.matchAll(/^ {2}(?:-\w, )?(?<name>[\w-]+)/gm)].map((match) => match.groups?.name ?? "");
}

test.each(Object.keys(configSchema.entries))("the manual explains the key %s", (key) => {
  expect(manual).toContain(key);
});

test.each(Object.values(ExitCode))("the manual explains the exit code %i", (code) => {
  expect(manual).toMatch(new RegExp(`^\\.BR? .*\\b${code}\\b`, "m"));
});

test("the manual names every command and every option of the program", () => {
  const help = runTool(NODE, [magnets, "--help"]).stdout;
  const commands = listed(help, "Commands").filter((name) => name !== "help");
  expect(commands).toContain("run-once");
  const words = [...commands, ...listed(help, "Options")];
  for (const command of commands) {
    words.push(...listed(runTool(NODE, [magnets, command, "--help"]).stdout, "Options"));
  }
  expect(words.filter((word) => !manual.includes(word))).toEqual([]);
});
