/** One changed line of the program, for which the simulator has to find fault. */
export interface Mutant {
  readonly name: string;
  /** Under `src`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly before: string;
  readonly after: string;
}

/** What 1.0.0 did, row by row of what went wrong with it. */
const AS_IN_1_0_0: readonly Mutant[] = [
  {
    name: "listings that say they work are counted",
    file: "core/sighting.ts",
    before: "(works ? contradictory : failing).set(id, {",
    after: "failing.set(id, {",
  },
  {
    name: "a deletion without the question before it",
    file: "core/delete-magnets.ts",
    before: "const answer = await getMagnet(account, id, { beforeDeletion: true });",
    after: 'const answer: Answer = { kind: "found", magnet: planned.sighting.magnet };',
  },
  {
    name: "any refusal but a full account is a chance",
    file: "alldebrid/errors.ts",
    before: "return CHANCES.has(code);",
    after: 'return !["MAGNET_TOO_MANY_ACTIVE", "MAGNET_INVALID_ID"].includes(code);',
  },
  {
    name: "a lost response forgets the intent",
    file: "core/delete-magnets.ts",
    before: 'if (result.code === "") account.deletionsEnded ??= result.message;',
    after: "store.intents.delete(id);",
  },
  {
    name: "a magnet found by id closes its intent at once",
    file: "core/settle-intents.ts",
    before: "else if (seconds === undefined || seconds >= DAY_SECONDS) store.intents.delete(id);",
    after: "else if (seconds !== -1) store.intents.delete(id);",
  },
  {
    name: "a confirmed deletion is not remembered",
    file: "core/record-deletions.ts",
    before: "confirmed.set(id, confirmedOf(deletion, counters.get(id) ?? record));",
    after: "confirmedOf(deletion, record);",
  },
  {
    name: "hashes are not compared",
    file: "core/magnet.ts",
    before: "return one !== undefined && other !== undefined && one !== other;",
    after: "return one !== undefined && other !== undefined && one.length !== other.length;",
  },
  {
    name: "a gap needs no restart",
    file: "core/decide.ts",
    before: 'if (record.gap === "needed") {',
    after: 'if (record.gap === "needed" && record.fails < 0) {',
  },
  {
    name: "a sighting after the magnet worked goes on counting",
    file: "core/get-magnet.ts",
    before: 'if (condition === "ready") account.forget(id, "ready");',
    after: 'if (condition === "ready") delete record.outcome;',
  },
  {
    name: "each key is an account of its own",
    file: "core/identify-accounts.ts",
    before: "const id = ids[i] ?? fingerprint;",
    after: "const id = fingerprint;",
  },
  {
    name: "what the cap holds is restarted",
    file: "core/decide.ts",
    before: 'if (decision.action === "hold") return decision.rule !== "max_deletes_per_run";',
    after: 'if (decision.action === "hold") return true;',
  },
  {
    name: "an account waits as long as it is asked to",
    file: "alldebrid/send.ts",
    before: "const isLong = isTroubleLong(now, now + ms) || isWait;",
    after: "const isLong = isWait && ms > 400_000;",
  },
  {
    name: "12 requests a second",
    file: "alldebrid/rate-limiter.ts",
    before: "{ requests: 10, windowMs: SECOND_MS },",
    after: "{ requests: 12, windowMs: SECOND_MS },",
  },
  {
    name: "the run after a killed one sends at once",
    file: "alldebrid/rate-limiter.ts",
    before: "if (aliveAt !== undefined) {",
    after: 'if (aliveAt === "") {',
  },
  {
    name: "a withdrawn version is not replaced by the other",
    file: "alldebrid/send.ts",
    before: "if (!isWithdrawn(error) || version !== VERSIONS[endpoint]) throw error;",
    after: "if (!isWithdrawn(error) || version !== endpoint) throw error;",
  },
];

const OTHERS: readonly Mutant[] = [
  {
    name: "protect is ignored",
    file: "core/protection.ts",
    before: "if (protect.length === 0) return undefined;",
    after: "if (protect.length >= 0) return undefined;",
  },
  {
    name: "min_failing_hours is ignored",
    file: "core/decide.ts",
    before: "if (failingHours < policy.minFailingHours) {",
    after: "if (failingHours < 0) {",
  },
  {
    name: "max_deletes_per_run is ignored",
    file: "core/decide.ts",
    before: "const capped = maxDeletes > 0 && due.length > maxDeletes;",
    after: "const capped = maxDeletes < 0 && due.length > maxDeletes;",
  },
  {
    name: "no second chance",
    file: "core/decide.ts",
    before: "if (maxRetries > 1 && record.had_chance !== true) {",
    after: "if (maxRetries < 1) {",
  },
  {
    name: "each sighting counts twice",
    file: "core/sighting.ts",
    before: "counted.fails += 1;",
    after: "counted.fails += 2;",
  },
  {
    name: "the intent is not saved before the request",
    file: "core/delete-magnets.ts",
    before: "  await store.saveIntents();",
    after: "  // not saved",
  },
  {
    name: "sightings are not saved before anything is done",
    file: "core/sweep.ts",
    before: "  await saveMagnets(account.sweep);",
    after: "  // not saved",
  },
  {
    name: "a deletion is not recorded",
    file: "core/record-deletions.ts",
    before: "  await store.appendDeletion(deletion);",
    after: "  // not recorded",
  },
  {
    name: "a refusal closes the intent of a lost attempt",
    file: "core/delete-magnets.ts",
    before: "if (!isDoubtful) store.intents.delete(id);",
    after: "if (id) store.intents.delete(id);",
  },
  {
    name: "nothing is ever deleted",
    file: "core/decide.ts",
    before: "deletions: capped ? [] : due.map(([id]) => id),",
    after: "deletions: [],",
  },
  {
    name: "a Sonarr is not told",
    file: "core/record-deletions.ts",
    before: "  await queueForArrs(ctx, deletions);",
    after: "  // not queued",
  },
];

export const MUTANTS: readonly Mutant[] = [...AS_IN_1_0_0, ...OTHERS];

/** The source with the mutant's line changed. Throws where the line isn't there, or is there more than once. */
export function mutate(source: string, { name, file, before, after }: Mutant): string {
  const parts = source.split(before);
  if (parts.length === 2) return parts.join(after);
  throw new Error(`${name}: src/${file} has this line ${parts.length - 1} times instead of once: ${before}`);
}
