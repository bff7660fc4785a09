import type { Store } from "../../src/core/ports.ts";
import type { Deletion } from "../../src/core/records.ts";

/** What a disk holds of the state. */
export type Disk = Pick<Store, "counters" | "intents" | "confirmed" | "outbox" | "arrs" | "accounts"> & {
  deletions: Deletion[];
};

/** An empty disk. */
export function emptyDisk(): Disk {
  return {
    counters: new Map(),
    intents: new Map(),
    confirmed: new Map(),
    outbox: { pending: [] },
    arrs: { pending: [], servers: new Map() },
    accounts: new Map(),
    deletions: [],
  };
}

/** A store over a disk: what was not saved is not there for the next. */
export function openMemoryStore(disk: Disk): Store {
  const counters = copyMap(disk.counters);
  const intents = copyMap(disk.intents);
  const confirmed = copyMap(disk.confirmed);
  const accounts = copyMap(disk.accounts);
  const outbox = { pending: [...disk.outbox.pending] };
  const arrs = { pending: [...disk.arrs.pending], servers: copyMap(disk.arrs.servers) };
  // A disk takes its time; what changes meanwhile is not part of the write.
  const save = async <K extends keyof Disk>(name: K, text: Disk[K]) => {
    await null;
    disk[name] = text;
  };
  return {
    counters,
    intents,
    confirmed,
    outbox,
    arrs,
    accounts,
    saveCounters: () => save("counters", copyMap(counters)),
    saveIntents: () => save("intents", copyMap(intents)),
    saveConfirmed: () => save("confirmed", copyMap(confirmed)),
    saveOutbox: () => save("outbox", { pending: [...outbox.pending] }),
    saveArrs: () => save("arrs", { pending: [...arrs.pending], servers: copyMap(arrs.servers) }),
    saveAccounts: () => save("accounts", copyMap(accounts)),
    appendDeletion: async (deletion) => void disk.deletions.push({ ...deletion }),
    readDeletions: async () => [...disk.deletions],
  };
}

function copyMap<T extends object>(map: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...map].map(([key, value]) => [key, { ...value }]));
}
