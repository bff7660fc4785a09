import { expect } from "vitest";
import { addDue, entryOf, test } from "../support/arrs.ts";

const HOLD_MS = 8_000;

test("servers that hang or are slow hold up no message for more than half a minute in all", async ({
  machine,
  sonarr,
  radarr,
}) => {
  for (let n = 0; n < 10; n++) addDue(machine, [sonarr, radarr]);
  await machine.configure({ max_retries: 1, arrs: [entryOf(sonarr, "slow"), entryOf(radarr, "hangs")] });
  sonarr.fault("*", { kind: "delay", ms: HOLD_MS });
  radarr.mode = "hang";
  const { code, stdout, stderr } = await machine.run(["run-once", "--json"]);
  expect(code).toBe(0);
  // One request hung; each of the slow ones was well in its time, but all of them were not.
  expect(radarr.requests).toHaveLength(1);
  expect(stderr).toContain("hangs: no whole response within 10 s");
  expect(sonarr.requests).toHaveLength(4);
  expect(machine.discord.embeds).toHaveLength(10);
  const { magnets } = JSON.parse(stdout) as { magnets: { arrs: { outcome: string }[] }[] };
  expect(magnets.flatMap(({ arrs }) => arrs.map(({ outcome }) => outcome))).toEqual(Array(20).fill("later"));
  const { pending, servers } = await machine.readState("arrs.json");
  expect(pending).toHaveLength(20);
  // What responds is not unreachable, however slowly it does.
  expect([servers.slow?.trouble, servers.hangs.trouble.code]).toEqual([undefined, "ARR_UNREACHABLE"]);

  sonarr.clearFaults();
  radarr.mode = "ok";
  expect((await machine.run(["run-once"])).code).toBe(0);
  // The tenth of the slow one's was carried out after nobody waited any more, and was not told again.
  expect([sonarr.marked.length, radarr.marked.length]).toEqual([10, 10]);
});
