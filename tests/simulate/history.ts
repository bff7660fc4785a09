import type { ListName, Shown } from "./log.ts";

export type FailingList = "expired" | "error";

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
/** Refusals known to be the magnet's own, and the two other responses that are a real chance (contract, Held back). */
const CHANCES = new Set([
  "accepted",
  "MAGNET_PROCESSING",
  "MAGNET_PROCESSING_FAILED",
  "MAGNET_TOOK_TOO_LONG",
  "MAGNET_LINKS_REMOVED",
  "MAGNET_CANT_BOOTSTRAP",
  "MAGNET_TOO_LARGE",
  "MAGNET_MAGNET_TOO_BIG",
]);
const WORKING_TEXTS = ["Ready", "In Queue", "Downloading", "Uploading"];

/** Whether a magnet in a list of failing ones says of itself that it works (contract, Counting 1). */
function saysItWorks({ code, text }: Shown, list: FailingList): boolean {
  if (code === undefined) return WORKING_TEXTS.includes(text ?? "");
  return code === 4 || (code >= 0 && code <= 2) || (code === 3 && list === "error");
}

/** A moment: true time, and what the machine's clock says, in milliseconds. */
export interface Moment {
  readonly at: number;
  readonly wall: number;
}

/** What a magnet asked for by id is, where no list is at hand: code 3 is for the caller to judge. */
export function conditionOf({ code = -1 }: Shown): "ready" | "processing" | "failing" {
  if (code === 4) return "ready";
  return code >= 0 && code <= 3 ? "processing" : "failing";
}

/** The longest time without news of a magnet that is no gap (contract, Counting 10). */
export function longestGapMs(cycleSeconds: number): number {
  return Math.max(DAY_MS, 4 * cycleSeconds * 1000);
}

/**
 * What the program can know of one torrent under one id of one account, by what reached it. Where it may not have
 * been able to read a response, or to keep what it read, the history takes what allows more.
 */
export class History {
  readonly id: string;
  hash: string | undefined;
  /** The names that it was shown with, as far as the program surely kept them. */
  readonly #names = new Set<string>();
  /** Sightings in a row before this sweep. */
  fails = 0;
  /** Of these, those that the program surely counted: what its counter must not fall below. */
  sureFails = 0;
  /** The first sweep that gave it a real chance since its count began. */
  chanceIn: number | undefined;
  /** The chance came in a sweep that ended well, so that the program surely knows. */
  chanceIsSure = false;
  /** When the program last knew of it as failing or processing. */
  lastSeen: Moment | undefined;
  lastSeenIsSure = false;
  /** A gap was met, and no real chance given since. */
  gapOpen = false;
  /** The same by the program's clock, whatever the truth. */
  #gapMayBeOpen = false;
  failingMs = 0;
  /** Its deletion was confirmed, and no sweep since had both lists without it. */
  confirmed = false;
  /** The program may know that, though it died or could not save. */
  mayBeConfirmed = false;
  /** One gap was answered by a chance; good until two sightings came in time. */
  #gapPassed = false;
  #gapPassedSurely = false;
  #timely = 0;
  #tail: { fails: number; chanceIn: number | undefined } = { fails: 0, chanceIn: undefined };
  #tookOver = false;
  #isNew = false;
  /** The program surely has a counter for it. */
  #isCountedSurely = false;
  #lastSighting: Moment | undefined;

  // What this sweep has brought so far.
  readonly #namesNow = new Set<string>();
  readonly failingIn = new Set<FailingList>();
  /** In lists that the program surely read. */
  readonly failingSurelyIn = new Set<FailingList>();
  readonly workingIn = new Set<FailingList>();
  readonly #workingSurelyIn = new Set<FailingList>();
  /** It was counted while a key was an account of its own: if that key is gone, so is what could be known of it. */
  isAnotherKeys = false;
  /** In a list of failing ones, whatever it says of itself. */
  isListed = false;
  /** With its hash, or without: both where the lists differ. */
  #isListedWithHash = false;
  #isListedWithoutHash = false;
  foundFailing = false;
  seenNow = false;
  #chanceNow = false;
  #chanceNowIsSure = false;
  #gapPassedNow = false;
  /** It has code 3 in the `expired` list. */
  #hasCode3 = false;
  #overNow: "ready" | "gone" | "deleted" | undefined;
  #processingNow = false;
  #isDoubtful = false;
  #mayStartAnew = false;
  #isCountedNow = false;
  /** It was, before the program learned that it is over. */
  #wasSighted = false;
  /** A gap lies before this sweep. */
  #meetsGap = false;
  #mayMeetGap = false;

  constructor(id: string, hash: string | undefined) {
    this.id = id;
    this.hash = hash;
  }

  get names(): ReadonlySet<string> {
    return new Set([...this.#names, ...this.#namesNow]);
  }

  showedName(name: string | undefined): void {
    if (name !== undefined) this.#namesNow.add(name);
  }

  listed(magnet: Shown, list: ListName, certain: boolean): void {
    this.showedName(magnet.name);
    if (list === "ready") return;
    this.seenNow = true;
    if (list === "active") return;
    this.isListed = true;
    if (magnet.hash === undefined) this.#isListedWithoutHash = true;
    else this.#isListedWithHash = true;
    if (saysItWorks(magnet, list)) {
      this.workingIn.add(list);
      if (certain) this.#workingSurelyIn.add(list);
      return;
    }
    this.failingIn.add(list);
    if (certain) this.failingSurelyIn.add(list);
    if (list === "expired") this.#hasCode3 = magnet.code === 3;
  }

  answeredRestart(outcome: string, sweep: number, certain: boolean): void {
    if (!CHANCES.has(outcome)) return;
    const mayNeedIt = this.#mayMeetGap || this.#gapMayBeOpen || (this.#gapPassed && !this.#gapPassedSurely);
    this.chanceIn ??= sweep;
    this.#chanceNow = true;
    if (certain) this.#chanceNowIsSure = true;
    // A wrong clock shows gaps; a program that could not keep the chance holds the magnet back for another one.
    if (!this.gapOpen && !this.#meetsGap && !mayNeedIt) return;
    this.gapOpen = false;
    this.#gapMayBeOpen = false;
    this.#meetsGap = false;
    this.#mayMeetGap = false;
    this.#gapPassed = true;
    this.#gapPassedSurely = false;
    this.#gapPassedNow = true;
    this.#timely = 0;
  }

  /** Whether this sweep's sighting comes after a gap for which no chance has been given. */
  isAfterGap(now: Moment, longest: number): boolean {
    return this.gapOpen || (!this.#gapPassed && this.#isGap(now, longest));
  }

  get isSighted(): boolean {
    if (this.workingIn.size > 0 && this.foundFailing) return true;
    return this.failingIn.size > (this.#isUploading ? 1 : 0);
  }

  /** A list that was surely read showed it, and nothing spoke against it. */
  get #isPlainlySighted(): boolean {
    const isPlain = this.workingIn.size === 0 && !this.#hasCode3 && !this.#isDoubtful;
    // In both lists there may be an old copy of one that was deleted.
    return this.failingIn.size === 1 && this.failingSurelyIn.size > 0 && isPlain;
  }

  /** A list says that it works, as code 3 does wherever the error list shows the magnet, too. */
  get #isContradicted(): boolean {
    return this.workingIn.size > 0 || (this.#hasCode3 && this.failingIn.has("error"));
  }

  /** Code 3 in both lists is a magnet that is being uploaded. */
  get #isUploading(): boolean {
    return this.#hasCode3 && this.failingIn.has("expired") && this.#workingSurelyIn.has("error");
  }

  /** The program learned that it is ready, gone or deleted: it is forgotten, if the program lives to keep that. */
  learnedItIsOver(outcome: "ready" | "gone" | "deleted"): void {
    this.#wasSighted ||= this.isSighted;
    this.failingIn.clear();
    this.workingIn.clear();
    this.#overNow = outcome;
    this.mayBeForgotten();
  }

  /** The program may have read something for which it forgets the count. */
  mayBeForgotten(): void {
    this.sureFails = 0;
    this.gapOpen = false;
    this.#isCountedSurely = false;
    this.#isDoubtful = true;
  }

  /** The program learned that it is being processed. */
  learnedItIsProcessing(): void {
    this.seenNow = true;
    this.#processingNow = true;
  }

  /** Uploaded again, it starts anew; old lists may hide that from the program for a sweep. */
  uploadedAgain(): void {
    this.startAnew();
    this.#isNew = true;
  }

  /** What was confirmed of a deletion is over. */
  startAnew(): void {
    this.confirmed = false;
    this.mayBeConfirmed = false;
  }

  /** What was counted without a hash may have been this torrent, not the one that had the id before. */
  takeOver(other: History): void {
    this.mayBeForgotten();
    if (!this.#tookOver) {
      this.#tookOver = true;
      this.fails += other.#tail.fails;
      this.chanceIn ??= other.#tail.chanceIn;
      this.failingMs += other.failingMs;
      if (other.#tail.fails > 0) this.#gapMayBeOpen = true;
      if (other.#tail.fails > 0) this.#lastSighting ??= other.#lastSighting;
    }
    // What speaks against a listing makes the program ask for the id, whatever torrent is listed.
    for (const list of other.workingIn) this.workingIn.add(list);
    if (other.#isListedWithHash) return;
    for (const list of other.failingIn) this.failingIn.add(list);
    this.isListed ||= other.isListed;
    this.#hasCode3 ||= other.#hasCode3;
  }

  /** Keeps what was counted since its hash was last shown. */
  #noteTail(): void {
    if (this.#isListedWithoutHash) this.#tail.fails++;
    else if (this.#isListedWithHash && this.#isCountedNow) this.#tail = { fails: 0, chanceIn: undefined };
    if (this.#isListedWithoutHash && this.#chanceNow) this.#tail.chanceIn ??= this.chanceIn;
  }

  /** The program may have read that it is being processed. */
  mayBeProcessing(): void {
    this.confirmed = false;
    this.#mayStartAnew = true;
  }

  /** Nothing is known of it any more. */
  forget(): void {
    this.isAnotherKeys = false;
    this.#isCountedSurely = false;
    this.#tail = { fails: 0, chanceIn: undefined };
    this.#names.clear();
    this.fails = 0;
    this.sureFails = 0;
    this.chanceIn = undefined;
    this.chanceIsSure = false;
    this.lastSeen = undefined;
    this.lastSeenIsSure = false;
    this.gapOpen = false;
    this.failingMs = 0;
    this.#gapPassed = false;
    this.#timely = 0;
    this.#lastSighting = undefined;
  }

  beginSweep(now: Moment, longest: number): void {
    this.#meetsGap = !this.#gapPassed && this.#isGap(now, longest);
    this.#namesNow.clear();
    this.failingIn.clear();
    this.workingIn.clear();
    this.#workingSurelyIn.clear();
    this.isListed = false;
    this.#isListedWithHash = false;
    this.#isListedWithoutHash = false;
    this.failingSurelyIn.clear();
    this.foundFailing = false;
    this.seenNow = false;
    this.#chanceNow = false;
    this.#chanceNowIsSure = false;
    this.#gapPassedNow = false;
    const mayBeGap = this.fails > 0 && this.#mayBeGap(now, longest);
    if (mayBeGap) this.chanceIsSure = false;
    this.#mayMeetGap = mayBeGap;
    this.#hasCode3 = false;
    this.#overNow = undefined;
    this.#processingNow = false;
    this.#isDoubtful = false;
    this.#mayStartAnew = false;
    this.#isCountedNow = false;
    this.#wasSighted = false;
  }

  /**
   * Counts what this sweep has brought. `well`: the program surely kept it. `isKnown`: it knows the account behind
   * each of its keys.
   */
  endSweep(now: Moment, longest: number, well: boolean, isKnown: boolean): void {
    if (well) for (const name of this.#namesNow) this.#names.add(name);
    if (well && this.confirmed && this.#processingNow) this.forget();
    if (well && (this.#processingNow || this.#overNow === "ready")) this.startAnew();
    if (well && this.#overNow !== undefined) this.forget();
    if ((this.isSighted || (!well && this.#wasSighted)) && !this.confirmed) {
      const gap = now.wall - (this.lastSeen?.wall ?? Number.NaN);
      // Where something spoke against the sighting, it may have been found at work.
      if (this.#meetsGap && !this.#chanceNow && !this.#isContradicted) this.gapOpen = true;
      if (this.#mayMeetGap) this.#gapMayBeOpen = true;
      const isTimely = well && gap >= 0 && gap < longest - 30 * MINUTE_MS && !this.#gapPassedNow;
      this.#timely = isTimely ? this.#timely + 1 : 0;
      // An unknown time may be one in time.
      if (!(gap >= 0)) this.#gapPassedSurely = false;
      if (this.#timely >= 2) this.#gapPassed = false;
      this.fails++;
      if (well && !this.#isDoubtful && !this.#isContradicted) this.#isCountedSurely = true;
      this.isAnotherKeys = !isKnown;
      this.#isCountedNow = well && !this.#isContradicted;
      const isSure = well && isKnown && !this.mayBeConfirmed && !this.#isNew;
      if (isSure && this.#isPlainlySighted) this.sureFails++;
      if (well) this.#isNew = false;
      this.failingMs += this.msSinceSighting(now);
      this.#lastSighting = now;
    }
    if (well && this.chanceIn !== undefined && this.#chanceNowIsSure) this.chanceIsSure = true;
    if (well && this.#chanceNowIsSure && this.#gapPassed) this.#gapPassedSurely = true;
    if (this.seenNow || this.foundFailing) {
      this.lastSeen = now;
      this.lastSeenIsSure = well && this.failingSurelyIn.size > 0;
    }
    // No gap is known of what starts anew.
    if (!well && this.#overNow !== undefined) this.gapOpen = false;
    if (this.#overNow === "deleted" && well) {
      this.forget();
      this.confirmed = !this.#mayStartAnew;
    }
    // Gone after a response that was lost is as good as confirmed.
    if (this.#overNow === "deleted" || this.#overNow === "gone") this.mayBeConfirmed = true;
    this.#noteTail();
  }

  /** Nobody knows by what clock the program noted this sweep's times: they prove nothing against it. */
  forgetTimes(): void {
    if (this.#chanceNow) this.#gapPassed = true;
    this.#timely = 0;
    this.#gapPassedSurely = false;
    this.lastSeen = undefined;
    this.#lastSighting = undefined;
    this.failingMs += DAY_MS;
  }

  /** Of a gap at most a day counts; a clock that went back tells nothing. */
  msSinceSighting({ wall }: Moment): number {
    if (this.#lastSighting === undefined) return 0;
    return Math.min(DAY_MS, Math.max(0, wall - this.#lastSighting.wall));
  }

  /** Whether the program may take the time since for a gap. */
  #mayBeGap({ at, wall }: Moment, longest: number): boolean {
    if (this.lastSeen === undefined || !this.lastSeenIsSure) return true;
    const [inTruth, byClock] = [at - this.lastSeen.at, wall - this.lastSeen.wall];
    return byClock < 0 || Math.max(inTruth, byClock) > longest - 60 * MINUTE_MS;
  }

  /** In truth, and by the clock that the program has. */
  #isGap({ at, wall }: Moment, longest: number): boolean {
    if (this.lastSeen === undefined || !this.#isCountedSurely) return false;
    return Math.min(at - this.lastSeen.at, wall - this.lastSeen.wall) > longest + 30 * MINUTE_MS;
  }
}
