import type { Progress } from "../core/ports.ts";
import { fitText } from "./layout.ts";
import { duration } from "./relative-time.ts";
import type { Symbols } from "./screen.ts";

/** The last line of a terminal, shown for as long as something is under way. */
export type StatusLine = ReturnType<typeof createStatusLine>;

const ERASE = "\r\u001b[2K";

/** Makes the status line of a terminal that `write` sends to and that is `columns()` wide now. */
export function createStatusLine(write: (text: string) => void, columns: () => number, symbols: Symbols) {
  let shown = "";
  return {
    /** Writes whole lines above it. */
    write: (text: string) => write(shown === "" ? text : `${ERASE}${text}${shown}`),
    /** Shows a line, cut to the terminal's width; an empty one takes it away. */
    show: (text: string) => {
      // A line as wide as the terminal would wrap on some.
      const line = fitText(symbols.spell(text), Math.max(1, columns() - 1), symbols.ellipsis);
      if (line === shown) return;
      write(`${shown === "" ? "" : ERASE}${line}`);
      shown = line;
    },
  };
}

/** A sweep that is over sooner shows no progress. */
const PATIENCE_MS = 400;
const REDRAW_MS = 100;
/** Before so many are done, the time left can't be estimated. */
const ENOUGH_TO_ESTIMATE = 10;

/** Shows how far a sweep has come, in one line that is redrawn ten times a second. */
export function createProgress(line: StatusLine): Progress & Disposable {
  const startedAt = performance.now();
  const restarts = { done: 0, all: 0 };
  const deletions = { done: 0, all: 0 };
  let waiting = 0;
  let firstDeletionAt = Number.NaN;
  const draw = () => {
    const now = performance.now();
    if (now - startedAt < PATIENCE_MS) return;
    const parts = [
      part("restart", restarts),
      waiting > 0 ? `${waiting} waiting for a free slot` : "",
      part("delet", deletions),
      remaining(deletions, now - firstDeletionAt),
    ].filter(Boolean);
    line.show(`${parts.join(", ") || "asking AllDebrid"} …`);
  };
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    planned: (moreRestarts, moreDeletions) => {
      restarts.all += moreRestarts;
      deletions.all += moreDeletions;
    },
    restarted: (count) => {
      restarts.done += count;
    },
    waiting: (count) => {
      restarts.all -= count;
      waiting += count;
    },
    deleted: (count) => {
      if (deletions.done === 0) firstDeletionAt = performance.now();
      deletions.done += count;
    },
    /** Takes the line away again. */
    [Symbol.dispose]: () => {
      clearInterval(timer);
      line.show("");
    },
  };
}

function part(stem: string, { done, all }: { done: number; all: number }): string {
  if (all === 0) return "";
  return done < all ? `${stem}ing ${done}/${all}` : `${stem}ed ${all}`;
}

function remaining({ done, all }: { done: number; all: number }, elapsedMs: number): string {
  if (done < ENOUGH_TO_ESTIMATE || done >= all) return "";
  const ms = (elapsedMs / done) * (all - done);
  return ms < 60_000 ? `${Math.ceil(ms / 1000)} s left` : `${duration(ms)} left`;
}
