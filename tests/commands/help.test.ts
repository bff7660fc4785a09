import { describe, expect } from "vitest";
import { test } from "../support/machine.ts";

const COMMANDS = ["run-once", "status", "reset", "test-webhook", "check", "restore", "completion"];

describe("--help", () => {
  test("of each command has examples, exit codes, and the options of all commands", async ({ machine }) => {
    const { stdout: whole } = await machine.run(["--help"]);
    for (const command of COMMANDS) {
      expect(whole).toMatch(new RegExp(`^  ${command}\\b`, "m"));
      const { code, stdout } = await machine.run([command, "--help"]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Examples?:\n {2}magnets /m);
      expect(stdout).toMatch(/^Exit codes:\n {2}0 /m);
      expect(stdout).toContain("--config <file>");
    }
  });

  test("names the files, and is never wider than 80 columns", async ({ machine }) => {
    for (const command of ["run-once", "status", "reset", "check", "restore"]) {
      const { stdout } = await machine.run([command, "--help"]);
      expect(stdout).toMatch(/^Files:\n.*state folder/m);
    }
    for (const command of ["", ...COMMANDS]) {
      const { stdout } = await machine.run([command, "--help"].filter(Boolean));
      for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    }
  });
});
