import type { EventKind } from "./events.ts";

/** A magnet as a response shows it. */
export interface Shown {
  readonly id: string;
  readonly hash?: string | undefined;
  readonly code?: number | undefined;
  readonly text?: string | undefined;
  readonly name?: string | undefined;
}

export type ListName = "expired" | "error" | "ready" | "active";

/** What an AllDebrid request is for. */
export type Endpoint = "list" | "question" | "restart" | "delete" | "user" | "upload" | "other";

/** How a sweep ended: by itself, without its state, by death, or in a way that no sweep should. */
export type SweepEnd = "done" | "state" | "died" | "endless" | "bug";

/**
 * What the models saw and did. "Heard" is what reached the program; `certain` is false where it may have been
 * unable to read it. Accounts are known by their user names.
 */
export type Happening =
  | {
      readonly kind: "sweep";
      /** What `max_deletes_per_run` is in this run. */
      readonly cap: number;
      /** The keys of the config, with the accounts that they are of. */
      readonly keys: readonly { readonly account: string; readonly key: string }[];
      readonly calm: boolean;
    }
  | { readonly kind: "end"; readonly how: SweepEnd; readonly seconds: number; readonly detail: string }
  | {
      readonly kind: "sent";
      readonly request: number;
      readonly account: string | undefined;
      readonly endpoint: Endpoint;
      readonly ids: readonly string[];
      /** The hash that a magnet to be deleted has by now. */
      readonly hash?: string | undefined;
      /** By a run beside the sweep. */
      readonly beside?: boolean;
    }
  | { readonly kind: "arrived"; readonly request: number }
  | {
      readonly kind: "heard list";
      readonly account: string;
      readonly list: ListName;
      /** Neither old nor partial nor unfiltered. */
      readonly fresh: boolean;
      readonly certain: boolean;
      readonly magnets: readonly Shown[];
    }
  | {
      readonly kind: "heard magnet";
      readonly account: string;
      readonly id: string;
      /** Nothing: `MAGNET_INVALID_ID`. */
      readonly magnet: Shown | undefined;
      readonly certain: boolean;
    }
  | {
      readonly kind: "heard restart";
      readonly account: string;
      readonly id: string;
      /** `accepted` or AllDebrid's code. */
      readonly outcome: string;
      readonly certain: boolean;
    }
  | {
      readonly kind: "heard user";
      readonly account: string;
      readonly key: string;
      readonly certain: boolean;
    }
  /** AllDebrid asks the account to send nothing for so long. */
  | { readonly kind: "asked to wait"; readonly account: string; readonly seconds: number }
  /** A request of the account's went wrong on its way, or was turned away. */
  | { readonly kind: "trouble"; readonly account: string; readonly what: string }
  /** A deletion's response. `vague`: what may or may not have been carried out. */
  | {
      readonly kind: "delete answered";
      readonly request: number;
      readonly account: string;
      readonly id: string;
      readonly outcome: "success" | "refused" | "invalid" | "vague";
      readonly heard: boolean;
    }
  | {
      readonly kind: "gone";
      readonly account: string;
      readonly id: string;
      readonly hash: string;
      readonly by: "program" | "hand";
    }
  | {
      readonly kind: "there";
      readonly account: string;
      readonly id: string;
      readonly hash: string;
      readonly name: string;
      /** The same torrent had this id before. */
      readonly again: boolean;
    }
  | { readonly kind: "changed"; readonly account: string; readonly id: string; readonly to: string }
  | { readonly kind: "reset"; readonly ids: readonly string[] | "all" }
  /** Discord saved a message that names these magnets. */
  | { readonly kind: "posted"; readonly ids: readonly string[]; readonly heard: boolean }
  /** Discord takes no message about this magnet, in no form. */
  | { readonly kind: "never posted"; readonly id: string }
  | { readonly kind: "event"; readonly what: EventKind; readonly detail: string }
  | { readonly kind: "said"; readonly line: string };

/** A happening, with true time, what the machine's clock says, and the sweep that it falls into or follows. */
export type Entry = Happening & { readonly at: number; readonly wall: number; readonly sweep: number };

/** The models' own log; whoever watches sees each entry at once. */
export class WorldLog {
  readonly entries: Entry[] = [];
  sweep = 0;
  readonly #time: { readonly now: number; readonly wall: number };
  readonly #keeps: boolean;
  readonly #watch: (entry: Entry) => void;

  /** `keeps`: the entries are to be read afterwards. */
  constructor(
    time: { readonly now: number; readonly wall: number },
    keeps: boolean,
    watch: (entry: Entry) => void,
  ) {
    this.#time = time;
    this.#keeps = keeps;
    this.#watch = watch;
  }

  add(happening: Happening): void {
    const { now, wall } = this.#time;
    const entry = { ...happening, at: now, wall, sweep: this.sweep };
    if (this.#keeps) this.entries.push(entry);
    this.#watch(entry);
  }

  /** What the program says of itself: for the reader alone. */
  say(line: string): void {
    if (this.#keeps) this.add({ kind: "said", line });
  }
}

/** An entry as a line of a story. */
export function renderEntry(entry: Entry): string {
  const time = new Date(entry.at).toISOString().replace("T", " ").slice(0, 23);
  return `${time}  ${String(entry.sweep).padStart(3)}  ${describe(entry)}`;
}

function describe(entry: Entry): string {
  switch (entry.kind) {
    case "sweep": {
      const cap = entry.cap === 0 ? "no cap" : `cap ${entry.cap}`;
      const wall = new Date(entry.wall).toISOString().slice(0, 16);
      return `── sweep${entry.calm ? ", calm" : ""} of ${entry.keys.map(({ account }) => account).join(", ")}; ${cap}; the clock says ${wall}`;
    }
    case "end":
      return `── ${entry.how} after ${entry.seconds.toFixed(1)} s ${entry.detail}`;
    case "sent":
      return `→ #${entry.request} ${entry.account ?? "wrong key"}: ${entry.endpoint} ${entry.ids.join(" ")}`;
    case "arrived":
      return `  #${entry.request} arrived`;
    case "heard list": {
      const magnets = entry.magnets.map(describeShown).join(", ") || "empty";
      return `← ${entry.account}: ${entry.list} list${entry.fresh ? "" : " (not to be trusted)"}: ${magnets}`;
    }
    case "heard magnet":
      return `← ${entry.account}: ${entry.id} is ${entry.magnet ? describeShown(entry.magnet) : "MAGNET_INVALID_ID"}`;
    case "heard restart":
      return `← ${entry.account}: restart of ${entry.id}: ${entry.outcome}`;
    case "heard user":
      return `← ${entry.account}: the account of ${entry.key}`;
    case "asked to wait":
      return `← ${entry.account}: wait for ${entry.seconds} s`;
    case "trouble":
      return `! ${entry.account}: ${entry.what}`;
    case "delete answered":
      return `← #${entry.request} ${entry.account}: deletion of ${entry.id}: ${entry.outcome}${entry.heard ? "" : ", not heard"}`;
    case "gone":
      return `* ${entry.account}: ${entry.id} ${entry.hash.slice(0, 6)} is deleted, by ${entry.by}`;
    case "there":
      return `* ${entry.account}: ${entry.id} ${entry.hash.slice(0, 6)} ${entry.name} is there${entry.again ? " again" : ""}`;
    case "changed":
      return `* ${entry.account}: ${entry.id} is ${entry.to} now`;
    case "reset":
      return `* a person resets ${entry.ids === "all" ? "all counters" : entry.ids.join(", ")}`;
    case "posted":
      return `* Discord saves a message about ${entry.ids.join(", ") || "no magnet"}${entry.heard ? "" : ", its response is lost"}`;
    case "never posted":
      return `* Discord takes no message about ${entry.id}, in no form`;
    case "event":
      return `! ${entry.what}${entry.detail ? `: ${entry.detail}` : ""}`;
    case "said":
      return `    ${entry.line}`;
  }
}

function describeShown({ id, hash, code, text }: Shown): string {
  return `${id} ${hash?.slice(0, 6) ?? "no hash"} ${code ?? "no code"} "${text ?? ""}"`;
}
