import { readdirSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { configSchema, VARIABLES } from "../../src/config/schema.ts";
import { ExitCode } from "../../src/errors.ts";
import { test } from "../support/machine.ts";
import { ARR_KEY, startSmallArr } from "../support/small-arr.ts";
import { NODE } from "../support/start-magnets.ts";
import { ROOT, runTool } from "./shell-tools.ts";

const source = readFileSync(join(ROOT, "deploy/man/magnets.1"), "utf8")
  .replaceAll("\\-", "-")
  .replaceAll(/\\f[BIRP]/g, "")
  .replaceAll("\\(dq", '"');
const magnets = join(ROOT, "bin/magnets.js");

/** What stands below a heading, up to the next one of its kind. */
function below(kind: ".SH" | ".SS", title: string, text = source): string {
  return text.split(`\n${kind} ${title}\n`)[1]?.split(`\n${kind} `)[0] ?? "";
}

/** The headings of a section's list: the line after each `.TP`. */
function headings(section: string): string[] {
  return [...section.matchAll(/^\.TP\n(?<heading>.*)$/gm)].map(({ groups }) => groups?.heading ?? "");
}

/** The names that a list in a help text begins its lines with. */
function listed(help: string, heading: string): string[] {
  const list = help.split(`${heading}:\n`)[1]?.split("\n\n")[0] ?? "";
  return [...list.matchAll(/^ {2}(?:-\w, )?(?<name>[\w-]+)/gm)].map((match) => match.groups?.name ?? "");
}

describe("the manual explains", () => {
  test("every key of the configuration with its default, and no other", () => {
    const rows = headings(below(".SH", "CONFIGURATION")).map((heading) => {
      const { key, text } = /^\.BR? (?<key>\w+) "? ?\((?<text>.*)\)"?$/.exec(heading)?.groups ?? {};
      return [key, text] as const;
    });
    expect(rows.map(([key]) => key)).toEqual(Object.keys(configSchema.entries));
    const defaults = v.getDefaults(configSchema) as Record<string, unknown>;
    for (const [key = "", text = ""] of rows) {
      if (defaults[key] === undefined) expect(text, key).toMatch(/^(required|default: [a-z])/);
      else expect(text, key).toBe(`default: ${JSON.stringify(defaults[key])}`);
    }
  });

  test("every exit code, and no other", () => {
    const codes = headings(below(".SH", "EXIT STATUS")).flatMap((heading) => heading.match(/\d+/g) ?? []);
    expect(codes.map(Number)).toEqual(Object.values(ExitCode));
  });

  test("every command and every option", () => {
    const help = runTool(NODE, [magnets, "--help"]).stdout;
    const commands = listed(help, "Commands");
    expect(commands).toContain("run-once");
    const explained = headings(below(".SH", "COMMANDS"));
    const missing = (words: readonly string[], where: readonly string[]) =>
      words.filter((word) => !where.some((heading) => heading.split(/[^\w-]+/).includes(word)));
    expect(missing(commands, explained)).toEqual([]);
    expect(missing(listed(help, "Options"), headings(below(".SH", "OPTIONS")))).toEqual([]);
    for (const command of commands.filter((name) => name !== "help")) {
      const { stdout } = runTool(NODE, [magnets, command, "--help"]);
      const own = explained.filter((heading) => heading.includes(command));
      const options = listed(stdout, "Options").filter((option) => option !== "--help");
      expect(missing(options, own), command).toEqual([]);
      const [, choices = ""] = /\(choices:\s+([^)]*)\)/.exec(stdout) ?? [];
      expect(missing(choices.match(/\w+/g) ?? [], own), command).toEqual([]);
    }
  });

  test("every variable of the program's own, and no other", () => {
    const named = headings(below(".SH", "ENVIRONMENT")).flatMap((line) => line.match(/MAGNETS_\w+/g) ?? []);
    expect(named.sort()).toEqual([...VARIABLES].sort());
  });

  test("every finding of check", () => {
    const folder = join(ROOT, "src/commands");
    const names = readdirSync(folder).flatMap((file) => {
      if (!file.startsWith("check")) return [];
      const calls = readFileSync(join(folder, file), "utf8").matchAll(/\b(?:ok|warning|failed)\(\s*"(\w+)"/g);
      return [...calls].map(([, name]) => name);
    });
    expect(names).toContain("clock");
    const list = below(".SS", "check --json").split("is one of\n")[1] ?? "";
    const explained = [...list.matchAll(/^\.BR? (\w+)/gm)].map(([, name]) => name);
    expect(explained.sort()).toEqual([...new Set(names)].sort());
  });

  test("every file of state, and every field of the JSON documents", async ({ machine }) => {
    const arr = await startSmallArr({ records: [{ eventType: "grabbed" }] });
    await machine.configure({ arrs: [{ name: "sonarr", url: arr.url, api_key: ARR_KEY }], max_retries: 2 });
    const account = machine.alldebrid.accounts[0];
    const lost = account?.add({ life: neverRecovers() });
    const fields = new Map<string, Set<string>>();
    const read = async (title: string, ...args: string[]) => {
      const { stdout } = await machine.run(args);
      fields.set(title, new Set([...(fields.get(title) ?? []), ...keysOf(JSON.parse(stdout))]));
    };
    await read("run-once --json", "run-once", "--json");
    machine.alldebrid.clock.advance(30 * 60_000);
    await read("run-once --json", "run-once", "--json");
    account?.add({ life: neverRecovers() });
    await read("run-once --json", "run-once", "--json");
    await read("status --json", "status", "--json");
    await read("check --json", "check", "--json");
    await read("restore --json", "restore", "--json");
    await read("restore --json", "restore", String(lost?.id), "--json");
    await machine.run(["reset"]);

    const documents = below(".SH", "JSON DOCUMENTS");
    for (const [title, keys] of fields) {
      const bold = below(".SS", title, documents).match(/^\.(?:B|BR|RB) .*$/gm) ?? [];
      const explained = new Set(bold.flatMap((line) => line.match(/\w+/g) ?? []));
      expect([...keys].filter((key) => key !== "version" && !explained.has(key), title)).toEqual([]);
    }
    expect(fields.get("run-once --json")).toContain("outcome");
    expect(fields.get("status --json")).toContain("at");
    const files = headings(below(".SH", "FILES")).flatMap((heading) => heading.match(/[\w.]+/g) ?? []);
    expect((await readdir(machine.state)).filter((name) => !files.includes(name))).toEqual([]);
  });
});

/** The names of all fields in a document, however deep. */
function keysOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(keysOf);
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}
