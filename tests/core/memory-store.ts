import type { Deletion } from "../../src/core/deletion.ts";
import type { Store } from "../../src/core/ports.ts";

/** What a disk holds of the state. */
export type Disk = Pick<Store, "counters" | "intents" | "outbox" | "accounts"> & { deletions: Deletion[] };

/** An empty disk. */
export function emptyDisk(): Disk {
  return {
    counters: new Map(),
    intents: new Map(),
    outbox: { pending: [] },
    accounts: new Map(),
    deletions: [],
  };
}

/** A store over a disk: what was not saved is not there for the next. */
export function openMemoryStore(disk: Disk): Store {
  const { counters, intents, outbox, accounts } = structuredClone(disk);
  const save = async <K extends keyof Disk>(name: K, value: Disk[K]) => {
    // A disk takes its time; what changes meanwhile is not part of the write.
    const text = structuredClone(value);
    await null;
    disk[name] = text;
  };
  return {
    counters,
    intents,
    outbox,
    accounts,
    saveCounters: () => save("counters", counters),
    saveIntents: () => save("intents", intents),
    saveOutbox: () => save("outbox", outbox),
    saveAccounts: () => save("accounts", accounts),
    appendDeletion: async (deletion) => void disk.deletions.push(structuredClone(deletion)),
    readDeletions: async () => structuredClone(disk.deletions),
  };
}
