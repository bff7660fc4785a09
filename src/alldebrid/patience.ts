/** The second request that hangs ends the account's turn in this sweep. */
const HANGS = 2;
/** How long an account waits in all for what a 429 or 503 asks; what asks for more leaves it for the next sweep. */
export const LONGEST_WAIT_MS = 30_000;
/** A response that takes longer is slow; so much of that, and nothing more is sent. */
const SLOW_MS = 5_000;
const LONGEST_SLOW_MS = 40_000;

/** How much trouble of one account is borne in one run, so that it holds up others for a minute at most. */
export interface Patience {
  /** Why nothing more is sent to the account, if so. */
  ended(): string | undefined;
  /** The server asked to wait; false when that is too long. */
  wait(ms: number): boolean;
  /** A request has ended that began at `from` (`performance.now()`), with its whole timeout or before. */
  request(from: number, isHang: boolean): void;
}

/** Makes the patience for one account. */
export function createPatience(): Patience {
  let hangs = 0;
  let ended: string | undefined;
  const waits = createSum();
  const slowness = createSum();
  const end = (why: string) => {
    ended ??= `${why}: nothing more is sent for this account now`;
  };
  return {
    ended: () => ended,
    wait(ms) {
      const now = performance.now();
      if (waits.add(now, now + ms) <= LONGEST_WAIT_MS) return true;
      end(`it asks to wait for ${Math.ceil(ms / 1000)} s`);
      return false;
    },
    request(from, isHang) {
      const now = performance.now();
      if (isHang && ++hangs >= HANGS) end("requests get no response");
      if (now - from > SLOW_MS && slowness.add(from, now) > LONGEST_SLOW_MS)
        end("its responses are very slow");
    },
  };
}

/** Sums up times, in milliseconds, of which those that overlap count once. */
function createSum(): { add(from: number, until: number): number } {
  let sum = 0;
  let counted = Number.NEGATIVE_INFINITY;
  return {
    add(from, until) {
      sum += Math.max(0, until - Math.max(from, counted));
      counted = Math.max(counted, until);
      return sum;
    },
  };
}
