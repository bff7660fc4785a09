import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { sweep } from "../../src/core/sweep.ts";
import { StateError } from "../../src/errors.ts";
import { MemoryAccount } from "./memory-account.ts";
import { emptyDisk, openMemoryStore } from "./memory-store.ts";
import { DEFAULT_POLICY } from "./records.ts";

/** Sweeps two accounts, each with a magnet to restart and one to delete, over a store of which one part fails. */
async function sweepFailing(broken: (store: Store) => Partial<Store>) {
  const disk = emptyDisk();
  const accounts = [new MemoryAccount(), new MemoryAccount()];
  for (const [index, { failing }] of accounts.entries()) {
    failing.set(`${index}1`, "error").set(`${index}2`, "expired");
  }
  const store = openMemoryStore(disk);
  const stopping = new AbortController();
  const ended = sweep({
    clients: accounts.map((account, index) => account.client(`account ${index}`)),
    store: { ...store, ...broken(store) },
    policy: { ...DEFAULT_POLICY, maxRetries: { expired: 1, error: 5 } },
    log: { debug: () => {}, info: () => {}, warning: () => {}, error: () => {} },
    now: () => new Date("2026-03-01T12:00:00Z"),
    stopping,
    sleep: async () => {},
    newKey: randomUUID,
    fingerprint: (username) => `fp-user-${username}`,
    cycleSeconds: 1800,
    announce: true,
    dryRun: false,
  });
  await expect(ended).rejects.toThrow(new StateError("the disk is full"));
  return { disk, accounts, stopping };
}

const fail = () => Promise.reject(new StateError("the disk is full"));

describe("a sweep that can't keep", () => {
  it("the names of its accounts asks nobody", async () => {
    const { accounts } = await sweepFailing(() => ({ saveAccounts: fail }));
    expect(
      accounts.flatMap(({ restarts, deletes, questions }) => [...restarts, ...deletes, ...questions]),
    ).toEqual([]);
  });

  it("its counters changes nothing", async () => {
    const { accounts } = await sweepFailing(() => ({ saveCounters: fail }));
    expect(accounts.flatMap(({ restarts, deletes }) => [...restarts, ...deletes])).toEqual([]);
  });

  it("its intents deletes nothing, and starts nothing new", async () => {
    // What may be on disk before the first intent is saved as well.
    const { accounts, disk, stopping } = await sweepFailing(({ intents, saveIntents }) => ({
      saveIntents: () => (intents.size > 0 ? fail() : saveIntents()),
    }));
    expect(accounts.flatMap(({ deletes }) => deletes)).toEqual([]);
    expect(disk.counters.size).toBe(4);
    expect(stopping.signal.aborted).toBe(true);
  });

  it.each(["appendDeletion", "saveOutbox"] as const)(
    "what it deleted (%s) keeps the intent for the next",
    async (part) => {
      const { accounts, disk } = await sweepFailing(() => ({ [part]: fail }));
      const deleted = accounts.flatMap(({ deletes }) => deletes);
      expect(deleted.length).toBeGreaterThan(0);
      for (const id of deleted) expect([...disk.intents.keys()]).toContain(id);
      for (const id of deleted) expect([...disk.counters.keys()]).toContain(id);
      expect(disk.outbox.pending).toEqual([]);
    },
  );
});
