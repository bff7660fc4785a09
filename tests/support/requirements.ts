import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What is missing of root and of these commands and files, each with the Debian package that has it. */
export function missingTools(tools: Readonly<Record<string, string>>): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const absent = Object.entries(tools).filter(
    ([tool]) => !existsSync(tool) && !folders.some((folder) => existsSync(join(folder, tool))),
  );
  const missing = absent.map(([tool, name]) => `${tool}: apt-get install ${name}`);
  return process.getuid?.() === 0 ? missing : ["root: run it with sudo, or in a container", ...missing];
}

/** Throws when something is missing, and lists all of it: no test is skipped for want of a tool or a privilege. */
export function requireAll(script: string, missing: readonly string[]): void {
  if (missing.length > 0) throw new Error(`npm run ${script} needs\n  ${missing.join("\n  ")}`);
}
