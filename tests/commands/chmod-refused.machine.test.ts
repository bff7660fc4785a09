import { chmod } from "node:fs/promises";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, test } from "../support/machine.ts";

const REFUSED = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=chmod,fchmod,fchmodat:error=EPERM"];

describe("where chmod is refused and others are kept out all the same", () => {
  test("sweeps, deletes, records and announces", async ({ machine }) => {
    await machine.configure({ max_retries: 1 });
    const magnet = machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    const { code, stderr } = await machine.run(["run-once"], { wrapper: REFUSED });
    expect({ code, errors: stderr.match(/ERROR.*/)?.[0] }).toEqual({ code: 0, errors: undefined });
    expect(await machine.readDeletions()).toMatchObject([{ id: `${magnet.id}` }]);
    expect(machine.discord.embeds).toHaveLength(1);
    await chmod(machine.config, 0o600);
    expect((await machine.run(["check"])).stdout).toMatch(/✓ state/);
  });
});
