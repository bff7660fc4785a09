import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { backUpCounters } from "../../src/state/store.ts";
import { DiskModel } from "../simulate/disk-model.ts";
import { failAt, interceptFileSystem } from "./intercepted-file-system.ts";
import { temporaryFolder } from "./temporary-folder.ts";

describe("backUpCounters", () => {
  it("keeps the counters as they are on disk, mode 0600, in the place of an older copy", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "retry_counts.json.bak");
    for (const text of ["one", "two"]) {
      writeFileSync(join(folder, "retry_counts.json"), text, { mode: 0o644 });
      expect(await backUpCounters(folder)).toBe(path);
      expect(readFileSync(path, "utf8")).toBe(text);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("does nothing where there are none", async () => {
    const folder = temporaryFolder();
    expect(await backUpCounters(folder)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is on disk once it returns, and an error when it can't be", async () => {
    const disk = new DiskModel();
    disk.put("retry_counts.json", "{}");
    const full = interceptFileSystem(disk, failAt(7, "ENOSPC"));
    await expect(backUpCounters("/state", full)).rejects.toThrow("no space left");
    await backUpCounters("/state", disk);
    expect(disk.afterLoss("all").text("retry_counts.json.bak")).toBe("{}");
  });
});
