/** A moment: true time, and what the machine's clock says, in milliseconds. */
export interface Moment {
  readonly at: number;
  readonly wall: number;
}

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
/** Sightings in time that end what a gap has begun. */
const IN_TIME = 2;

/** The longest time without news of a magnet that is no gap. */
export function longestGapMs(cycleSeconds: number): number {
  return Math.max(DAY_MS, 4 * cycleSeconds * 1000);
}

/**
 * Times without news of one torrent. A gap counts against the program where it is one in truth and by the clock that it
 * has; what it may take for one, right or wrong, a real chance answers as well.
 */
export class Gaps {
  readonly #longest: number;
  /** A gap was met, and no real chance given since. */
  isOpen = false;
  #mayBeOpen = false;
  /** One gap was answered by a chance; good until two sightings came in time. */
  #passed = false;
  #passedSurely = false;
  #timely = 0;
  /** When the program last knew of the torrent as failing or processing. */
  #lastSeen: Moment | undefined;
  /** The last time that it surely knows of, which may be an earlier one. */
  #lastSurelySeen: Moment | undefined;
  /** The program surely has a counter, so that it knows that time. */
  #isCounted = false;

  // In this sweep.
  #meets = false;
  #mayMeet = false;
  #passedNow = false;

  /** `longest`: the longest time that is no gap. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** `isCounted`: there was a sighting. Returns whether the program may take the time since for a gap. */
  beginSweep(now: Moment, isCounted: boolean): boolean {
    this.#meets = !this.#passed && this.#isGap(now);
    this.#mayMeet = isCounted && this.#mayBeGap(now);
    this.#passedNow = false;
    return this.#mayMeet;
  }

  gaveChance(): void {
    // A program that could not keep the chance holds the magnet back for another one.
    const mayBeNeeded = this.#mayMeet || this.#mayBeOpen || (this.#passed && !this.#passedSurely);
    if (!this.isOpen && !this.#meets && !mayBeNeeded) return;
    this.isOpen = false;
    this.#mayBeOpen = false;
    this.#meets = false;
    this.#mayMeet = false;
    this.#passed = true;
    this.#passedSurely = false;
    this.#passedNow = true;
    this.#timely = 0;
  }

  /** Whether this sweep's sighting comes after a gap for which no chance has been given. */
  isAfter(now: Moment): boolean {
    return this.isOpen || (!this.#passed && this.#isGap(now));
  }

  /** A sighting is counted, at the end of its sweep; `plainly`: nothing spoke against it. */
  count(
    now: Moment,
    { well, hadChance, plainly }: { well: boolean; hadChance: boolean; plainly: boolean },
  ): void {
    const gap = now.wall - (this.#lastSurelySeen?.wall ?? Number.NaN);
    // Where something spoke against the sighting, it may have been found at work.
    if (this.#meets && !hadChance && plainly) this.isOpen = true;
    if (this.#mayMeet) this.#mayBeOpen = true;
    const isTimely = well && plainly && gap >= 0 && gap < this.#longest - 30 * MINUTE_MS && !this.#passedNow;
    this.#timely = isTimely ? this.#timely + 1 : 0;
    // An unknown time may be one in time.
    if (!(gap >= 0)) this.#passedSurely = false;
    if (this.#timely >= IN_TIME) this.#passed = false;
  }

  countedSurely(): void {
    this.#isCounted = true;
  }

  /** The chance of this sweep is surely kept. */
  keptChance(): void {
    if (this.#passed) this.#passedSurely = true;
  }

  saw(now: Moment, isSure: boolean): void {
    this.#lastSeen = now;
    const isAhead = this.#lastSurelySeen !== undefined && now.wall < this.#lastSurelySeen.wall;
    // Seen by a clock that was set back, a later time counts as unknown.
    if (isSure) this.#lastSurelySeen = now;
    else if (isAhead) this.#lastSurelySeen = undefined;
  }

  /** What may start anew knows of no gap. */
  mayBeForgotten(): void {
    this.isOpen = false;
    this.#meets = false;
    this.#isCounted = false;
  }

  /** It was found by id with a code that stands for failing, too, so that a gap may be met before its sighting. */
  mayBeMet(): void {
    if (this.#mayMeet) this.#mayBeOpen = true;
  }

  /** What was counted before, perhaps, may have met one. */
  mayBeOpen(): void {
    this.#mayBeOpen = true;
  }

  forget(): void {
    this.mayBeForgotten();
    this.#passed = false;
    this.#timely = 0;
    this.#lastSeen = undefined;
    this.#lastSurelySeen = undefined;
  }

  /** Nobody knows by what clock the program noted this sweep's times. */
  forgetTimes(hadChance: boolean): void {
    if (hadChance) this.#passed = true;
    this.isOpen = false;
    this.#passedSurely = false;
    this.#timely = 0;
    this.#lastSeen = undefined;
    this.#lastSurelySeen = undefined;
  }

  #mayBeGap({ at, wall }: Moment): boolean {
    if (this.#lastSeen === undefined || this.#lastSeen !== this.#lastSurelySeen) return true;
    const [inTruth, byClock] = [at - this.#lastSeen.at, wall - this.#lastSeen.wall];
    return byClock < 0 || Math.max(inTruth, byClock) > this.#longest - 60 * MINUTE_MS;
  }

  #isGap({ at, wall }: Moment): boolean {
    if (!this.#isCounted) return false;
    return [this.#lastSeen, this.#lastSurelySeen].every(
      (last) => last && Math.min(at - last.at, wall - last.wall) > this.#longest + 30 * MINUTE_MS,
    );
  }
}
