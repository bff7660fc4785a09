import { Gaps, type Moment } from "./gaps.ts";
import type { Shown } from "./log.ts";
import { Seen } from "./seen.ts";

const DAY_MS = 24 * 3_600_000;
/** Refusals known to be the magnet's own, and the two other responses that are a real chance. */
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

/** What was counted since the torrent's hash was last shown. */
interface Tail {
  fails: number;
  chanceIn: number | undefined;
}

/**
 * What the program can know of one torrent under one id of one account, by what reached it. Where it may not have
 * been able to read a response, or to keep what it read, the history takes what allows more.
 */
export class History {
  readonly id: string;
  hash: string | undefined;
  readonly gaps: Gaps;
  /** What this sweep has shown so far. */
  seen = new Seen();
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
  failingMs = 0;
  #lastSighting: Moment | undefined;
  /** Its deletion was confirmed, and no sweep since had both lists without it. */
  confirmed = false;
  /** The program may know that, though it died or could not save. */
  mayBeConfirmed = false;
  /** It was counted while a key was an account of its own: if that key is gone, so is what could be known of it. */
  isAnotherKeys = false;
  /** It was uploaded again, which old lists may hide from the program for a sweep. */
  #isNew = false;
  #tail: Tail = { fails: 0, chanceIn: undefined };
  #tookOver = false;
  #heir: History | undefined;

  // What this sweep has taught the program.
  #chance: "sure" | "maybe" | undefined;
  #over: "ready" | "gone" | "deleted" | undefined;
  #isProcessing = false;
  #mayBeForgotten = false;
  #mayStartAnew = false;
  /** It was sighted, before the program learned that it is over. */
  #wasSighted = false;

  /** `longestGap`: the longest time without news that is no gap, in milliseconds. */
  constructor(id: string, hash: string | undefined, longestGap: number) {
    this.id = id;
    this.hash = hash;
    this.gaps = new Gaps(longestGap);
  }

  get names(): ReadonlySet<string> {
    return new Set([...this.#names, ...this.seen.names]);
  }

  found(magnet: Shown): void {
    this.seen.atAll = true;
    if (magnet.name !== undefined) this.seen.names.add(magnet.name);
  }

  answeredRestart(outcome: string, sweep: number, certain: boolean): void {
    if (!CHANCES.has(outcome)) return;
    this.chanceIn ??= sweep;
    if (certain) this.#chance = "sure";
    this.#chance ??= "maybe";
    this.gaps.gaveChance();
  }

  /** The program learned that it is ready, gone or deleted: it is forgotten, if the program lives to keep that. */
  learnedItIsOver(outcome: "ready" | "gone" | "deleted"): void {
    this.#wasSighted ||= this.seen.isSighted;
    this.seen.clearLists();
    this.#over = outcome;
    this.mayBeForgotten();
  }

  /** The program may have read something for which it forgets the count. */
  mayBeForgotten(): void {
    this.sureFails = 0;
    this.gaps.mayBeForgotten();
    this.#mayBeForgotten = true;
  }

  /** The program learned that it is being processed. */
  learnedItIsProcessing(): void {
    this.seen.atAll = true;
    this.#isProcessing = true;
  }

  /** The program may have read that it is being processed. */
  mayBeProcessing(): void {
    this.confirmed = false;
    this.#mayStartAnew = true;
  }

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
    this.seen.takeOver(other.seen);
    if (this.#tookOver) return;
    this.#tookOver = true;
    other.#heir = this;
    this.#tail = { ...other.#tail };
    this.fails += other.#tail.fails;
    this.chanceIn ??= other.#tail.chanceIn;
    this.failingMs += other.failingMs;
    if (other.#tail.fails === 0) return;
    this.gaps.mayBeOpen();
    this.#lastSighting ??= other.#lastSighting;
  }

  /** Nothing is known of it any more. */
  forget(): void {
    this.#names.clear();
    this.fails = 0;
    this.sureFails = 0;
    this.chanceIn = undefined;
    this.chanceIsSure = false;
    this.failingMs = 0;
    this.#lastSighting = undefined;
    this.isAnotherKeys = false;
    this.#tail = { fails: 0, chanceIn: undefined };
    this.gaps.forget();
  }

  beginSweep(now: Moment): void {
    this.seen = new Seen();
    this.#chance = undefined;
    this.#over = undefined;
    this.#isProcessing = false;
    this.#mayBeForgotten = false;
    this.#mayStartAnew = false;
    this.#wasSighted = false;
    if (this.gaps.beginSweep(now, this.fails > 0)) this.chanceIsSure = false;
  }

  /**
   * Counts what this sweep has brought. `well`: the program surely kept it. `isKnown`: it knows the account behind
   * each of its keys.
   */
  endSweep(now: Moment, well: boolean, isKnown: boolean): void {
    const { seen } = this;
    const mayHaveBeenConfirmed = this.confirmed || this.mayBeConfirmed;
    if (well) for (const name of seen.names) this.#names.add(name);
    if (well && this.confirmed && this.#isProcessing) this.forget();
    if (well && (this.#isProcessing || this.#over === "ready")) this.startAnew();
    if (well && this.#over !== undefined) this.forget();
    const isCounted = (seen.isSighted || (!well && this.#wasSighted)) && !this.confirmed;
    if (isCounted) this.#count(now, well, isKnown);
    // What starts anew in this sweep is counted from the next one.
    if (mayHaveBeenConfirmed) this.sureFails = 0;
    if (this.#mayBeForgotten) this.chanceIsSure = false;
    if (well && this.#chance === "sure") {
      if (this.chanceIn !== undefined && !this.#mayBeForgotten) this.chanceIsSure = true;
      this.gaps.keptChance();
    }
    if (seen.atAll || seen.foundFailing) this.gaps.saw(now, well && seen.failingSurelyIn.size > 0);
    // No gap is known of what starts anew.
    if (!well && this.#over !== undefined) this.gaps.isOpen = false;
    if (this.#over === "deleted" && well) {
      this.forget();
      this.confirmed = !this.#mayStartAnew;
    }
    // Gone after a response that was lost is as good as confirmed.
    if (this.#over === "deleted" || this.#over === "gone") this.mayBeConfirmed = true;
    this.#passOn(isCounted && well && !seen.isContradicted && seen.failingSurelyIn.size > 0);
  }

  #count(now: Moment, well: boolean, isKnown: boolean): void {
    // What was not surely read may not have been counted.
    const plainly = !this.seen.isContradicted && this.seen.failingSurelyIn.size > 0;
    this.gaps.count(now, { well, hadChance: this.#chance !== undefined, plainly });
    this.fails++;
    if (well && plainly && !this.#mayBeForgotten) this.gaps.countedSurely();
    const isSure = well && isKnown && !this.mayBeConfirmed && !this.#isNew && !this.#mayBeForgotten;
    if (isSure && this.seen.isPlainlySighted) this.sureFails++;
    if (well) this.#isNew = false;
    this.isAnotherKeys = !isKnown;
    this.failingMs += this.msSinceSighting(now);
    this.#lastSighting = now;
  }

  #passOn(isCountedSurely: boolean): void {
    const { withHash, withoutHash } = this.seen;
    if (withoutHash) this.#tail.fails++;
    else if (withHash && isCountedSurely) this.#tail = { fails: 0, chanceIn: undefined };
    if (withoutHash && this.#chance !== undefined) this.#tail.chanceIn ??= this.chanceIn;
    // A chance may have come after its hash was shown.
    if (this.#heir) this.#heir.chanceIn ??= this.#tail.chanceIn;
    this.#heir = undefined;
  }

  /** Nobody knows by what clock the program noted this sweep's times: they prove nothing against it. */
  forgetTimes(): void {
    this.gaps.forgetTimes(this.#chance !== undefined);
    this.#lastSighting = undefined;
    this.failingMs += DAY_MS;
  }

  /** Of a gap at most a day counts; a clock that went back tells nothing. */
  msSinceSighting({ wall }: Moment): number {
    if (this.#lastSighting === undefined) return 0;
    return Math.min(DAY_MS, Math.max(0, wall - this.#lastSighting.wall));
  }
}
