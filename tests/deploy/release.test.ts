import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changelogSection } from "../../deploy/debian/documents.ts";
import { ROOT } from "./shell-tools.ts";

describe("npm run release", () => {
  let folder: string;
  const git = (...args: string[]) => {
    const identity = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.invalid"];
    return execFileSync("git", [...identity, ...args], { cwd: folder, encoding: "utf8" });
  };
  const commitAll = () => {
    git("add", "--all");
    git("commit", "--quiet", "--message", "Something");
  };
  const release = (...args: string[]) => {
    const run = spawnSync("npm", ["run", "--silent", "release", "--", ...args], {
      cwd: folder,
      encoding: "utf8",
    });
    return { code: run.status, output: `${run.stdout}${run.stderr}` };
  };
  const editManifest = (changes: object) => {
    const file = join(folder, "package.json");
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...changes }));
  };

  // A repository of its own with what is in this one's work tree.
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "magnets-release-"));
    execFileSync(
      "sh",
      [
        "-c",
        'git ls-files -z --cached --others --exclude-standard --exclude node_modules | xargs -0 cp --parents -t "$0"',
        folder,
      ],
      { cwd: ROOT },
    );
    git("init", "--quiet");
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    appendFileSync(join(folder, ".git/info/exclude"), "/node_modules\n");
    editManifest({ version: "9.8.7", repository: undefined });
    commitAll();
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("refuses, says all that is missing and makes nothing", () => {
    writeFileSync(join(folder, "leftover.txt"), "");
    const { code, output } = release();
    expect(code).toBe(1);
    expect(output).toContain("package.json has no repository");
    expect(output).toContain("the work tree is not clean: commit or remove leftover.txt\n");
    expect(output).toContain("CHANGELOG.md has no section 9.8.7");
    expect(output).toContain("the checked-out commit is not tagged v9.8.7");
    expect(existsSync(join(folder, "release"))).toBe(false);
    rmSync(join(folder, "leftover.txt"));
  });

  test("makes package, tarball, sums and notes of a commit that is ready", () => {
    const history = join(folder, "CHANGELOG.md");
    writeFileSync(history, `# Changelog\n\n## 9.8.7\n\n- Added: all.\n\n## 9.8.7-rc.1\n\n- Added: much.\n`);
    editManifest({ repository: "git+https://example.invalid/somebody/magnets.git" });
    commitAll();
    git("tag", "v9.8.7");
    const { code, output } = release();
    expect(code, output).toBe(0);
    expect(output).not.toContain("Not ready");
    const made = join(folder, "release");
    const files = ["NOTES.md", "SHA256SUMS", "magnets-9.8.7.tgz", "magnets_9.8.7_all.deb"];
    expect(readdirSync(made).sort()).toEqual(files);
    expect(readFileSync(join(made, "NOTES.md"), "utf8")).toBe("- Added: all.\n");
    const sums = ["magnets-9.8.7.tgz", "magnets_9.8.7_all.deb"].map((file) => {
      const content = readFileSync(join(made, file));
      return `${createHash("sha256").update(content).digest("hex")}  ${file}\n`;
    });
    expect(readFileSync(join(made, "SHA256SUMS"), "utf8")).toBe(sums.join(""));
    // What it makes is not part of the work tree.
    expect(git("status", "--porcelain")).toBe("");
  });
});

test.each([
  ["1.1.0", "two"],
  ["1.1.0-rc.1", "three"],
  ["1.0.0", "four"],
  ["1.1", undefined],
])("the section of CHANGELOG.md for %s", (version, expected) => {
  const markdown =
    "# Changelog\n\n## Unreleased\n\none\n\n## 1.1.0 (2026-11-27)\n\ntwo\n\n## [1.1.0-rc.1]\nthree\n## 1.0.0\nfour";
  expect(changelogSection(version, markdown)).toBe(expected);
});
