import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bundledFolders, bundledLicences, licencesText } from "../../deploy/bundled-licences.ts";
import { changelog, copyright, debianVersion } from "../../deploy/debian/documents.ts";

test("finds each library of the bundle once, scoped and nested ones too, and nothing of our own", () => {
  const inputs = {
    "src/cli.ts": {},
    "node_modules/ky/distribution/index.js": {},
    "node_modules/ky/distribution/core/Ky.js": {},
    "node_modules/@scope/one/index.js": {},
    "node_modules/ky/node_modules/deep/index.js": {},
  };
  expect(bundledFolders({ inputs })).toEqual([
    "node_modules/@scope/one",
    "node_modules/ky",
    "node_modules/ky/node_modules/deep",
  ]);
});

function library(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "magnets-licences-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = join(root, "node_modules/lib");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"name":"lib","version":"1.2.3"}');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return root;
}

const metafile = { inputs: { "node_modules/lib/index.js": {} } };

test("brings licence and notice files whole", async () => {
  const root = library({ "LICENCE.md": "Do as you like.\n", "NOTICE.txt": "By somebody.\n", "index.js": "" });
  const bundled = await bundledLicences(root, metafile);
  expect(bundled).toEqual([{ name: "lib", version: "1.2.3", text: "Do as you like.\n\nBy somebody." }]);
  const terms = "lib 1.2.3\n\n    Do as you like.\n\n    By somebody.\n";
  expect(licencesText(bundled)).toContain(terms);
  expect(copyright("Ours.", licencesText(bundled))).toMatch(/\n {4}Ours\.\n[\s\S]*\nlib 1\.2\.3\n/);
});

test("refuses a library without a licence file", async () => {
  await expect(bundledLicences(library({ "index.js": "" }), metafile)).rejects.toThrow(/lib 1\.2\.3/);
});

test.each([
  ["1.0.0", "1.0.0"],
  ["1.0.0-rc.1", "1.0.0~rc.1"],
])("Debian writes %s as %s", (npm, debian) => {
  expect(debianVersion(npm)).toBe(debian);
});

test("takes this version's entries, and no other's, from CHANGELOG.md", () => {
  const markdown =
    "# Changes\n\n## 1.1.0 (2026)\n\n- New thing,\n  on two lines\n- Other\n\n## 1.0.0\n\n- First\n";
  const text = changelog("1.1.0", markdown, new Date("2026-01-02T03:04:05Z"));
  expect(text).toContain(
    "magnets (1.1.0) unstable; urgency=medium\n\n  * New thing, on two lines\n  * Other\n\n -- ",
  );
  expect(text).toContain(">  Fri, 02 Jan 2026 03:04:05 +0000\n");
});
