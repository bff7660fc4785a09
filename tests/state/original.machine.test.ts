import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openStore } from "../../src/state/store.ts";
import { counter } from "./sample.ts";
import { temporaryFolder } from "./temporary-folder.ts";

it("counters are written so that the original's Python can read them", async () => {
  const folder = temporaryFolder();
  const store = await openStore({ folder, mode: "write", now: () => new Date() });
  store.counters.set("403207307", counter({ filename: 'a"b\\c\u2028\ud800é' }));
  await store.saveCounters();
  const read = "import json,sys; d = json.load(sys.stdin); print(d['403207307']['fails'] + 1)";
  const options = { input: readFileSync(join(folder, "retry_counts.json")) };
  expect(execFileSync("python3", ["-c", read], options).toString()).toBe("4\n");
});
