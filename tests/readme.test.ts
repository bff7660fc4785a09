import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { version } from "../package.json";
import { configSchema } from "../src/config/schema.ts";
import { ExitCode } from "../src/errors.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

const READMES = ["README.md", "README.fr.md"];
const FOLDERS = ["", "deploy", "deploy/container", "examples/original", "tests/bench", "tests/promises"];
const pages = FOLDERS.flatMap((folder) => {
  const names = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
  return names.filter((name) => name.endsWith(".md")).map((name) => join(folder, name));
});

/** A page without its code. */
const prose = (page: string) => page.replace(/^```.*?^```/gms, "").replace(/`[^`\n]*`/g, "");

/** What a heading is called in a link, as forges have it. */
function anchors(page: string): string[] {
  const titles = [...page.replace(/^```.*?^```/gms, "").matchAll(/^#+ (.*)$/gm)].map(
    ([, title = ""]) => title,
  );
  return titles.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each(pages)("%s: every link leads somewhere", (file) => {
  const links = [...prose(read(file)).matchAll(/\]\((?!https?:)([^)]*)\)/g)].map(([, link = ""]) => link);
  for (const link of links) {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? file : join(dirname(file), path);
    expect(existsSync(join(root, target)), link).toBe(true);
    if (anchor !== undefined) expect(anchors(read(target)), link).toContain(anchor);
  }
});

test.each(pages)("%s: packages carry the current version", (file) => {
  const named = [...read(file).matchAll(/\bmagnets[_-](\d+\.\d+\.\d+)/g)].map(([, each]) => each);
  expect(named.filter((each) => each !== version)).toEqual([]);
});

test.each(pages.filter((file) => file.endsWith(".fr.md")))(
  "%s: no line can begin with : ; ! ? or »",
  (file) => {
    expect(prose(read(file)).match(/.* [:;!?»](?:\s|$).*|.*« .*/gm)).toBeNull();
  },
);

describe.each(READMES)("%s", (file) => {
  const text = read(file);
  const rows = text.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));

  test("can be read in one sitting", () => {
    expect(text.split("\n").length).toBeLessThanOrEqual(241);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(15_000);
  });

  test("its keys are known, and have the defaults that it says", () => {
    const defaults = v.getDefaults(configSchema) as Record<string, unknown>;
    const shown = /```json\n(.*?)```/s.exec(text)?.[1] ?? "";
    const keys = Object.keys(JSON.parse(shown));
    expect(Object.keys(configSchema.entries)).toEqual(expect.arrayContaining(keys));
    for (const key of keys) {
      const [, , byDefault = ""] = rows.find(([, first]) => first === `\`${key}\``) ?? [];
      if (defaults[key] === undefined) expect(byDefault, key).toMatch(/^\w+$/);
      else expect(byDefault, key).toBe(`\`${JSON.stringify(defaults[key])}\``);
    }
  });

  test("has every exit code", () => {
    const codes = rows.flatMap(([, first = ""]) => (/^\d[\d, ]*$/.test(first) ? first.split(", ") : []));
    expect(codes.map(Number)).toEqual(Object.values(ExitCode));
  });
});

/** What is the same in every language: levels of headings, commands, keys of examples, rows of tables, pictures. */
function structure(page: string): string[] {
  const code = [...page.matchAll(/^```(?:sh|ini)\n(.*?)^```/gms)].map(([, lines = ""]) =>
    lines.replace(/ *#.*/g, ""),
  );
  const rest = page.replace(/^```.*?^```/gms, "");
  return [
    ...code,
    ...(rest.match(/^(?:#+ |\d+\. |- |\|)/gm) ?? []),
    ...(rest.match(/!\[[^\]]*\]\([^)]*\)/g) ?? []).map((picture) => picture.replace(/.*\(/, "")),
  ];
}

test.each(pages.filter((file) => file.endsWith(".fr.md")))("%s is built as its English page", (file) => {
  expect(structure(read(file))).toEqual(structure(read(file.replace(".fr.md", ".md"))));
});
