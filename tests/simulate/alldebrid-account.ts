import type { ListName, Shown } from "./log.ts";
import type { Random } from "./random.ts";

/**
 * What becomes of a magnet when it is restarted: never anything, sometimes a success, or a refusal each time,
 * for its own sake or for none.
 */
type Life = "hopeless" | "lucky" | "refused" | "cooling";

/** A magnet as it truly is. */
export interface ModelMagnet {
  readonly id: string;
  readonly hash: string;
  readonly name: string;
  readonly size: number;
  /** Unix seconds. */
  readonly uploadDate: number;
  life: Life;
  state: "failing" | "processing" | "ready";
  /** The list that shows it while it fails. */
  list: "expired" | "error";
  code: number;
  text: string;
}

const EXPIRED: readonly (readonly [number, string])[] = [
  [11, "Expired - files removed"],
  [11, "Deleted on the hoster website"],
  [3, "Expired - files removed from cache"],
];
const ERRORS: readonly (readonly [number, string])[] = [
  [5, "Upload fail"],
  [7, "Not downloaded in 20 min"],
  [7, "No peer after 30 minutes"],
  [8, "File too big"],
  [9, "Internal error"],
  [10, "Download took more than 72h"],
  [12, "Error : processing failed"],
  [14, "Error while contacting tracker"],
  [15, "File not available - no peer"],
];
const PROCESSING: readonly (readonly [number, string])[] = [
  [0, "In Queue"],
  [1, "Downloading"],
  [2, "Compressing / Moving"],
  [3, "Uploading"],
];

const WORDS = ["Amber", "Basalt", "Cedar", "Delta", "Ember", "Fjord", "Garnet", "Harbor", "Iris", "Juniper"];

/** Names without anything that has to be escaped, so that they can be found in messages. */
export function newMagnet(id: string, random: Random, now: number): ModelMagnet {
  const magnet: ModelMagnet = {
    id,
    hash: random.hex(40),
    name: `${random.pick(WORDS)}${random.pick(WORDS)}${random.hex(4)}`,
    size: random.pick([0, 734_003_200, 8_869_638_144]),
    uploadDate: random.chance(0.1) ? 0 : Math.floor(now / 1000),
    life: random.pick([
      "hopeless",
      "hopeless",
      "hopeless",
      "hopeless",
      "lucky",
      "lucky",
      "refused",
      "cooling",
    ]),
    state: "failing",
    list: "error",
    code: 0,
    text: "",
  };
  fail(magnet, random);
  return magnet;
}

export function fail(magnet: ModelMagnet, random: Random): void {
  magnet.state = "failing";
  magnet.list = random.chance(0.4) ? "expired" : "error";
  [magnet.code, magnet.text] = random.pick(magnet.list === "expired" ? EXPIRED : ERRORS);
}

export function process(magnet: ModelMagnet, random: Random): void {
  magnet.state = "processing";
  [magnet.code, magnet.text] = random.pick(PROCESSING);
}

export function complete(magnet: ModelMagnet): void {
  magnet.state = "ready";
  [magnet.code, magnet.text] = [4, "Ready"];
}

/** The list that shows a magnet. */
export function listOf({ state, list }: ModelMagnet): ListName {
  return state === "failing" ? list : state === "processing" ? "active" : "ready";
}

export function show({ id, hash, code, text, name }: ModelMagnet): Shown {
  return { id, hash, code, text, name };
}

/** Copies of its magnets that an account may be shown with again. */
const MOST_COPIES = 6;

/** An account: who it is, by which keys it is reached, what it holds. */
export class ModelAccount {
  readonly username: string;
  readonly keys = new Set<string>();
  readonly magnets = new Map<string, ModelMagnet>();
  /** Deleted ones that lists show so many times more. */
  readonly ghosts: { readonly magnet: ModelMagnet; left: number }[] = [];
  /** What it held once, by id. */
  readonly gone = new Map<string, ModelMagnet>();
  readonly copies: ModelMagnet[][] = [];
  /** Active magnets that it may have. */
  slots = 30;
  /** AllDebrid's code with which everything is refused, and for how many sweeps more. */
  trouble: { readonly code: string; left: number } | undefined;

  constructor(username: string, key: string) {
    this.username = username;
    this.keys.add(key);
  }

  /** Keeps what is true now, to be shown later as an old copy. */
  remember(): void {
    this.copies.push([...this.magnets.values()].map((magnet) => ({ ...magnet })));
    if (this.copies.length > MOST_COPIES) this.copies.shift();
  }

  get active(): number {
    let count = 0;
    for (const { state } of this.magnets.values()) if (state === "processing") count++;
    return count;
  }
}
