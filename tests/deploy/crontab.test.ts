import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ROOT, runTool } from "./shell-tools.ts";

const lines = readFileSync(join(ROOT, "deploy/cron/magnets.crontab"), "utf8").split("\n");
const entry = lines.find((line) => line.startsWith("*/30 ")) ?? "";

/** What cron would mail: the entry is run as crontab(5) says, with a `magnets` that ends with `code`. */
function mailFor(code: number): string {
  const folder = mkdtempSync(join(tmpdir(), "magnets-cron-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = `#!/bin/sh\nprintf '%s\\n' 'INFO 50% of \\033[31m done' >&2\necho a table\nexit ${code}\n`;
  writeFileSync(join(folder, "magnets"), script);
  chmodSync(join(folder, "magnets"), 0o755);
  const fields = /^(?:\S+ ){5}(?<command>.*)$/.exec(entry)?.groups?.command ?? "";
  // A bare % would end the command; an escaped one is a plain one.
  const command = fields.replace(/(?<!\\)%.*/s, "").replaceAll("\\%", "%");
  return runTool("/bin/sh", ["-c", command], { PATH: `${folder}:/usr/bin:/bin` }).output;
}

test("is one entry, every half an hour, that finds what npm and the package installed", () => {
  expect(lines.filter((line) => /^[*\d]/.test(line))).toEqual([entry]);
  expect(lines).toContain("PATH=/usr/local/bin:/usr/bin:/bin");
});

test.each([0, 75])("is silent when the sweep ends with %i", (code) => {
  expect(mailFor(code)).toBe("");
});

test.each([1, 2, 3, 143])("mails all that the sweep said, as it stands, when it ends with %i", (code) => {
  expect(mailFor(code)).toBe(`INFO 50% of \\033[31m done\na table\nmagnets run-once: exit code ${code}\n`);
});
