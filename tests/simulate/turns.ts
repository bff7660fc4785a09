/** For so long one account's trouble may hold up others. */
const LONGEST_WAIT_MS = 60_000;
/** For so long an account may be waited for. */
const LONGEST_PATIENCE_MS = 30_000;
/** What a sweep's own work takes: a bit for each request, and the way. */
const REQUEST_MS = 125;
const WAY_MS = 5_000;

/** When each account was served in a sweep. */
export class Turns {
  readonly #lastSent = new Map<string, number>();
  readonly #troubled = new Set<string>();
  /** When an account was first asked to wait for longer than may be waited. */
  readonly #given = new Map<string, number>();
  #firstSent: number | undefined;
  #requests = 0;

  begin(): void {
    this.#lastSent.clear();
    this.#troubled.clear();
    this.#given.clear();
    this.#firstSent = undefined;
    this.#requests = 0;
  }

  sent(account: string, at: number): void {
    this.#firstSent ??= at;
    this.#requests++;
    this.#lastSent.set(account, at);
  }

  askedToWait(account: string, seconds: number, at: number): void {
    if (seconds * 1000 > LONGEST_PATIENCE_MS && !this.#given.has(account)) this.#given.set(account, at);
  }

  /** Accounts that were waited for, though they had asked for too long a wait. */
  waitedFor(): string[] {
    return [...this.#given].flatMap(([account, at]) => {
      const ms = (this.#lastSent.get(account) ?? 0) - at;
      return ms > LONGEST_PATIENCE_MS ? [`${account}: ${Math.round(ms / 1000)} s`] : [];
    });
  }

  troubled(account: string): void {
    this.#troubled.add(account);
  }

  /** Accounts without any trouble that were served later than the others' trouble may make them wait. */
  heldUp(): string[] {
    const longest = this.#troubled.size * LONGEST_WAIT_MS + this.#requests * REQUEST_MS + WAY_MS;
    const served = [...this.#lastSent].filter(([account]) => !this.#troubled.has(account));
    return served.flatMap(([account, at]) => {
      const ms = at - (this.#firstSent ?? at);
      return ms > longest ? [`${account}: ${Math.round(ms / 1000)} s`] : [];
    });
  }
}
