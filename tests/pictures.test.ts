import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { drawTerminal } from "../examples/pictures/draw-terminal.ts";
import { readScreen } from "../examples/pictures/read-screen.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "examples/pictures");
const pictures = readdirSync(folder).filter((name) => name.endsWith(".svg"));
const read = (name: string) => readFileSync(join(folder, name), "utf8");

/** Strict for what the pictures' own writer makes: elements, quoted attributes, and text without `<` and bare `&`. */
function expectWellFormed(svg: string): void {
  const tag = /<(?<close>\/?)(?<name>[a-z]+)(?: [a-zA-Z-]+="[^"<&]*(?:&#\d+;[^"<&]*)*")*(?<alone>\/?)>/g;
  expect(svg.replace(tag, "").replace(/&#\d+;/g, "")).not.toMatch(/[<&]/);
  const open: (string | undefined)[] = [];
  for (const { groups } of svg.matchAll(tag)) {
    if (groups?.close) expect(open.pop()).toBe(groups.name);
    else if (!groups?.alone) open.push(groups?.name);
  }
  expect(open).toEqual([]);
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
}

test.each(pictures)("%s is well-formed, small, and needs nothing from elsewhere", (name) => {
  const svg = read(name);
  expectWellFormed(svg);
  expect(svg.length).toBeLessThan(60_000);
  expect(svg).not.toMatch(/<(script|foreignObject|image|use)\b|href|@import|url\(/);
});

test.each(pictures)("%s shows no path, user or key of the machine that made it", (name) => {
  expect(read(name)).not.toMatch(
    /\/(tmp|home|root|work|usr|Users)\/|127\.0\.0\.1|localhost|root|pictureKey|api\/webhooks/,
  );
});

const readmes = readdirSync(root).filter((name) => /^README.*\.md$/.test(name));

test.each(readmes)("%s has every picture, and none that is missing", (file) => {
  const shown = readFileSync(join(root, file), "utf8").matchAll(/examples\/pictures\/([\w-]+\.svg)/g);
  expect([...new Set([...shown].map(([, name]) => name))].sort()).toEqual(pictures.sort());
});

describe("what is drawn", () => {
  const shown = (output: string, columns = 80) =>
    readScreen(output, columns).map((cells) => cells.map(({ text }) => text).join(""));

  test("is what a terminal shows at the end", () => {
    expect(shown("asking …\r\u001b[2Kdone\r\n\r\nend\r\n")).toEqual(["done", "", "end"]);
    expect(shown("東京abc", 4)).toEqual(["東京", "abc"]);
    expect(() => shown("\u001b[5mblink")).toThrow("does not use");
  });

  test("stays in its columns and keeps its colours", () => {
    const lines = readScreen("\u001b[31m<b>&\u001b[39m  東 ██░", 80);
    const svg = drawTerminal({ title: "", description: '"', columns: 80, lines });
    expectWellFormed(svg);
    expect(svg).toContain('textLength="33.6" class="red">&#60;b&#62;&#38;</text>');
    expect(svg).toContain('text-anchor="middle">東</text>');
    expect(svg.match(/<rect /g)).toHaveLength(3);
  });
});
