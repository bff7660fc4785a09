import { chmodSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { runScript } from "../state/run-script.ts";
import { NOBODY } from "../support/other-user.ts";
import { configFolder, KEY } from "./config-folder.ts";

test("a config that may not be read is a problem, and no reason to look further", async () => {
  const folder = await configFolder({ api_keys: [KEY] });
  chmodSync(dirname(folder.file), 0o755);
  const { ended } = runScript(
    `
    import { loadConfig } from "../../src/config/load-config.ts";
    const options = { configPath: ${JSON.stringify(folder.file)}, keysRequired: true };
    await loadConfig(options, { HOME: "/nonexistent" }, "/").catch((error) => console.log(error.problems));
    `,
    { uid: NOBODY, gid: NOBODY },
  );
  const { stdout, stderr } = await ended;
  expect(stdout, stderr).toContain(`${folder.file} can't be read: permission denied (EACCES)`);
});
