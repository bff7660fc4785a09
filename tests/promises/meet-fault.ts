import { expect } from "vitest";
import type { Behaviour } from "../../examples/sandbox/behaviour.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { RecordedRequest } from "../../examples/sandbox/recorded-request.ts";
import { fingerprint } from "../../src/config/accounts.ts";
import { FAULTS, RARE_FAULTS } from "./fault-battery.ts";
import { SimulatedWorld } from "./simulated-world.ts";

/** One account's trouble holds up others for a minute at most. */
const LONGEST_MS = 60_000;
const HALF_AN_HOUR = 30 * 60_000;
const MIB = 1024 ** 2;

/** Requests by what they are for. */
export const ENDPOINTS: Readonly<Record<string, (request: RecordedRequest) => boolean>> = {
  "a failing list": ({ form }) => form.get("status") === "error",
  "the lists": ({ form }) => form.has("status"),
  "a question by id": ({ endpoint, form }) => endpoint === "status" && form.has("id"),
  "a restart": ({ endpoint }) => endpoint === "restart",
  "a deletion": ({ endpoint }) => endpoint === "delete",
  "the user": ({ endpoint }) => endpoint === "user",
  everything: () => true,
};

/** Two accounts with work to do, of which the first will meet a fault. */
async function openWorld() {
  const failing = (id: number) => ({ id, life: neverRecovers(5) });
  const accounts = [
    { key: "key-of-faulty", username: "faulty", magnets: [1, 2, 3, 5].map(failing) },
    { key: "key-of-healthy", username: "healthy", magnets: [11, 12].map(failing) },
  ];
  const world = await SimulatedWorld.open({ accounts });
  const [faulty, healthy] = world.alldebrid.accounts;
  if (!faulty || !healthy) throw new Error("two accounts were to be there");
  const known = ({ username, key }: { username: string; key: string }) =>
    [fingerprint(username), { name: username, keys: [fingerprint(key)] }] as const;
  await world.write("accounts.json", { version: 1, accounts: Object.fromEntries(accounts.map(known)) });
  const due = { fails: 2, last_status: "error", had_chance: true };
  // 4 is gone, which only a question by id can tell.
  const gone = { ...due, account: fingerprint("faulty") };
  await world.write("retry_counts.json", {
    "2": { ...due, fails: 1 },
    "3": due,
    "4": gone,
    "5": due,
    "12": due,
  });
  return { world, faulty, healthy };
}

/** Whether a deletion takes it for AllDebrid's confirmation, which it is not. */
function isFalseConfirmation(endpoint: string, { kind, ...fault }: Behaviour): boolean {
  const { value } = { value: undefined, ...fault };
  const isSuccess = kind === "json" && (value as { status?: unknown } | null)?.status === "success";
  return endpoint === "a deletion" && isSuccess;
}

/** One sweep in which all such requests of the first account meet the fault; then it goes, and all is made up for. */
export async function meetFault(endpoint: string, fault: string): Promise<void> {
  const [match, behaviour] = [ENDPOINTS[endpoint], FAULTS[fault] ?? RARE_FAULTS[fault]];
  if (!match || !behaviour) throw new Error(`no such case: ${endpoint}, ${fault}`);
  const { world, faulty, healthy } = await openWorld();
  try {
    const { alldebrid, log, time } = world;
    const deleted = () =>
      [faulty, healthy].flatMap(({ deletions }) => deletions.map(({ magnet }) => String(magnet.id))).sort();
    alldebrid.fault((request) => request.account === "faulty" && match(request), behaviour);
    const before = process.memoryUsage().rss;
    const { value: report, elapsedMs } = await time.run(() => world.sweep([faulty, healthy]));
    expect(elapsedMs, "milliseconds of simulated time").toBeLessThanOrEqual(LONGEST_MS);
    expect(process.memoryUsage().rss - before, "bytes").toBeLessThan(500 * MIB);
    expect(alldebrid.peak.second).toBeLessThanOrEqual(12);

    // Which account, and what. Who the user is may be asked in the next sweep, too.
    const said = log.filter((line) => /^(error|warning) /.test(line));
    if (endpoint !== "the user" && !isFalseConfirmation(endpoint, behaviour)) {
      expect(report.exit_code, log.join("\n")).toBe(3);
      expect(said.join("\n")).toContain("faulty: ");
    }
    expect(said.join("\n")).not.toContain("healthy");
    for (const line of said) expect(line.length, line).toBeLessThan(400);

    // The other account is unharmed; what is announced was deleted; nothing that stays was forgotten.
    expect(healthy.deletions.map(({ magnet }) => magnet.id)).toEqual([12]);
    expect(healthy.magnets().map(({ id, restarts }) => [id, restarts])).toEqual([[11, 1]]);
    const confirmed = isFalseConfirmation(endpoint, behaviour) ? ["3", "5"] : [];
    for (const id of world.announced()) expect([...deleted(), ...confirmed]).toContain(id);
    const { counters } = await world.store();
    for (const id of ["2", "3", "5"]) {
      expect(counters.has(id) || deleted().includes(id) || confirmed.includes(id), id).toBe(true);
    }

    // And once the fault is gone, all is as if it had not been.
    alldebrid.clearFaults();
    for (let n = 0; n < 4 && (await world.store()).counters.size > 0; n++) {
      time.pass(HALF_AN_HOUR);
      await time.run(() => world.sweep([faulty, healthy]));
    }
    expect(deleted(), log.join("\n")).toEqual(["1", "11", "12", "2", "3", "5"]);
    expect(world.announced().sort(), log.join("\n")).toEqual(["1", "11", "12", "2", "3", "5"]);
    expect((await world.store()).counters.size).toBe(0);
  } finally {
    await world.close();
  }
}
