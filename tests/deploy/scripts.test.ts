import { expect, test } from "vitest";
import { runTool } from "./shell-tools.ts";

const scripts = ["deploy/install.sh", "deploy/uninstall.sh"];

test.each(scripts)("%s says how it is used", (script) => {
  const { status, stdout } = runTool(script, ["--help"]);
  expect(status).toBe(0);
  expect(stdout).toContain(`sudo ${script}`);
  expect(stdout).toContain("--dry-run");
});

test.each(scripts)("%s does nothing on an option it doesn't know", (script) => {
  const { status, output } = runTool(script, ["--dry-runn"]);
  expect(status).toBe(2);
  expect(output).toMatch(/unknown option --dry-runn/);
});
