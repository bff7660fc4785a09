import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, test } from "../support/machine.ts";

const NAMED = '"*familly*" matches no magnet that is tracked or listed as failing';

describe("an entry of protect that matches nothing tracked or listed", () => {
  test.beforeEach(async ({ machine }) => {
    const account = machine.alldebrid.account(MAIN_KEY);
    account.add({ id: 1, filename: "Listed.mkv", life: neverRecovers() });
    await machine.configure({ protect: ["listed", "tracked", "*familly*", "77"] });
    await machine.write(".local/state/magnets/retry_counts.json", {
      77: { fails: 1, last_status: "error" },
      78: { fails: 1, last_status: "error", filename: "Tracked.mkv" },
    });
  });

  test("is named by --dry-run, and by no sweep", async ({ machine }) => {
    const { stderr } = await machine.run(["run-once", "--dry-run"]);
    expect(stderr).toContain(`protect: ${NAMED}`);
    expect(stderr.match(/matches no magnet/g)).toHaveLength(1);
    expect((await machine.run(["run-once"])).stderr).not.toContain("matches no magnet");
  });

  test("is named by check, which asks for the lists only for it", async ({ machine }) => {
    const { stdout } = await machine.run(["check", "--json"]);
    const findings = JSON.parse(stdout).checks.filter(({ name }: { name: string }) => name === "protect");
    expect(findings).toEqual([{ name: "protect", result: "warning", message: NAMED, remedy: null }]);

    await machine.configure({ protect: ["tracked", "77"] });
    const before = machine.alldebrid.requests.length;
    const again = await machine.run(["check"]);
    expect(again.stdout).toMatch(/✓ protect +every entry matches a magnet/);
    const asked = machine.alldebrid.requests.slice(before).map(({ endpoint }) => endpoint);
    expect(asked).not.toContain("status");
  });
});
