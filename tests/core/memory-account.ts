import type { FailingStatus, ListName, Magnet } from "../../src/core/magnet.ts";
import {
  type AccountClient,
  AccountError,
  type DeleteOutcome,
  type RestartOutcome,
  type RestartResult,
} from "../../src/core/ports.ts";
import type { Disk } from "./memory-store.ts";

/** A magnet of the model's world. */
export interface WorldMagnet {
  readonly id: string;
  state: "failing" | "processing" | "ready";
  /** The lists that hold it while it fails. */
  lists: readonly FailingStatus[];
  /** Listed as failing, with the status code of a ready one. */
  liar: boolean;
}

/** How a deletion goes wrong: refused, refused for the account's sake, or its answer lost. */
export type DeletionTrouble = "refused" | "account" | "lost, done" | "lost, not done";

/** What goes wrong in an account during one sweep. */
export interface Trouble {
  readonly listsDown: readonly ListName[];
  /** Questions by id are not answered. */
  readonly asksDown: boolean;
  /** Restarts fail as a whole. */
  readonly restartsDown: boolean;
  /** Free slots. */
  readonly slots: number;
  /** Magnets whose restart is refused, and whether for their own sake. */
  readonly refusals: ReadonlyMap<string, "own" | "not own">;
  /** Magnets whose deletion goes wrong. */
  readonly deletions: ReadonlyMap<string, DeletionTrouble>;
  /** Magnets that another hand deletes after they were listed. */
  readonly vanishing: ReadonlySet<string>;
}

/** One account, in memory. Keys of the same account share it. */
export class MemoryAccount {
  readonly magnets = new Map<string, WorldMagnet>();
  readonly restarts: (readonly string[])[] = [];
  readonly deletes: string[] = [];
  readonly questions: string[] = [];
  /** Promises that were broken, a line each. */
  readonly faults: string[] = [];
  trouble: Trouble;
  #disk: Disk;

  constructor(disk: Disk, trouble: Trouble) {
    this.#disk = disk;
    this.trouble = trouble;
  }

  /** Begins a sweep: what was recorded is forgotten. */
  begin(trouble: Trouble): void {
    this.trouble = trouble;
    this.restarts.length = 0;
    this.deletes.length = 0;
    this.questions.length = 0;
  }

  /** What another hand deletes in this sweep is gone from now on; of these, or of all. */
  vanish(ids: Iterable<string> = this.trouble.vanishing): void {
    for (const id of ids) if (this.trouble.vanishing.has(id)) this.magnets.delete(id);
  }

  /** One key of it; `pause` is how long each answer takes. */
  client(name: string, pause: () => Promise<void> = async () => {}): AccountClient {
    return {
      name,
      fingerprint: `fp-${name}`,
      list: async (list) => {
        await pause();
        if (this.trouble.listsDown.includes(list)) throw new AccountError(`the ${list} list is down`);
        const held = [...this.magnets.values()].filter((magnet) => isListed(magnet, list));
        return { magnets: held.map(show), malformed: 0 };
      },
      getMagnet: async (id) => {
        await pause();
        this.questions.push(id);
        if (this.trouble.asksDown) throw new AccountError("questions are not answered");
        const magnet = this.magnets.get(id);
        return magnet ? show(magnet) : "gone";
      },
      user: async () => ({ username: name, isPremium: true, isTrial: false }),
      restart: async (ids) => {
        await pause();
        return this.#restart(ids);
      },
      delete: async (id) => {
        await pause();
        return this.#delete(id);
      },
    };
  }

  #restart(ids: readonly string[]): RestartResult {
    this.vanish(ids);
    this.restarts.push(ids);
    for (const id of ids) if (!this.#disk.counters.has(id)) this.faults.push(`restarted ${id} uncounted`);
    const { restartsDown, refusals } = this.trouble;
    if (restartsDown) {
      return { outcomes: new Map(), failure: "down", slotsFull: false, accountRefused: true };
    }
    let { slots } = this.trouble;
    const outcomes = new Map<string, RestartOutcome>();
    const refuse = (id: string, code: string, own: boolean) =>
      outcomes.set(id, { kind: "refused", code, message: code, own });
    for (const id of ids) {
      const refusal = refusals.get(id);
      if (!this.magnets.has(id)) refuse(id, "MAGNET_INVALID_ID", true);
      else if (refusal) refuse(id, refusal === "own" ? "GENERIC" : "MAGNET_NO_SERVER", refusal === "own");
      else if (slots <= 0) refuse(id, "MAGNET_TOO_MANY_ACTIVE", false);
      else {
        slots--;
        outcomes.set(id, { kind: "accepted" });
      }
    }
    const slotsFull = [...outcomes.values()].some(
      (outcome) => outcome.kind === "refused" && outcome.code === "MAGNET_TOO_MANY_ACTIVE",
    );
    return { outcomes, slotsFull, accountRefused: false };
  }

  #delete(id: string): DeleteOutcome {
    this.vanish([id]);
    this.deletes.push(id);
    if (!this.#disk.intents.has(id)) this.faults.push(`deleted ${id} without an intent on disk`);
    if (!this.#disk.counters.has(id)) this.faults.push(`deleted ${id} uncounted`);
    const trouble = this.trouble.deletions.get(id);
    if (trouble === "lost, not done") return { kind: "lost", message: "lost", retry: undefined };
    if (!this.magnets.has(id)) return { kind: "gone" };
    if (trouble === "refused" || trouble === "account") {
      return { kind: "refused", code: "X", message: "no", account: trouble === "account", retry: undefined };
    }
    this.magnets.delete(id);
    if (trouble === "lost, done") return { kind: "lost", message: "lost", retry: undefined };
    return { kind: "deleted" };
  }
}

/** Whether a list holds the magnet. */
export function isListed({ state, lists }: WorldMagnet, list: ListName): boolean {
  if (list === "ready") return state === "ready";
  if (list === "active") return state === "processing";
  return state === "failing" && lists.includes(list);
}

function show({ id, state, liar }: WorldMagnet): Magnet {
  const statusCode = state === "processing" ? 1 : state === "ready" || liar ? 4 : 15;
  return { id, filename: `Film ${id}`, statusCode };
}
