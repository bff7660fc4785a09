import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, runTool } from "./shell-tools.ts";

const { stdout } = runTool("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"]);
const [pack] = JSON.parse(stdout) as [{ files: { path: string }[] }];
const packed = pack.files.map(({ path }) => path);
const pages = packed.filter((path) => path.endsWith(".md") && path !== "CHANGELOG.md");

test("what npm publishes has README in both languages", () => {
  expect(pages).toEqual(expect.arrayContaining(["README.md", "README.fr.md"]));
});

test.each(pages)("%s: what a user is sent to is published, too", (page) => {
  // README's last section is for who works on the program.
  const text = readFileSync(join(ROOT, page), "utf8").replace(
    /\n- \[[^\n]*\]\((?:tests\/|CONTRIBUTING)[^\n]*/g,
    "",
  );
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]*)/g)].map(([, path = ""]) =>
    join(dirname(page), path),
  );
  expect(links.filter((path) => !packed.includes(path))).toEqual([]);
});
