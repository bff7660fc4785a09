import type { Progress } from "../core/ports.ts";
import { fitText } from "./layout.ts";
import { duration } from "./relative-time.ts";

/** The last line of a terminal, shown for as long as something is under way. */
export interface StatusLine {
  /** Writes whole lines above it. */
  write(text: string): void;
  /** Shows a line, which must fit; an empty one takes it away. */
  show(line: string): void;
}

const ERASE = "\r\u001b[2K";

/** Makes a status line on a terminal; `write` sends to that terminal. */
export function createStatusLine(write: (text: string) => void): StatusLine {
  let shown = "";
  return {
    write: (text) => write(shown === "" ? text : `${ERASE}${text}${shown}`),
    show: (line) => {
      if (line === shown) return;
      write(`${shown === "" ? "" : ERASE}${line}`);
      shown = line;
    },
  };
}

/** Where progress is shown. */
export interface ProgressOptions {
  readonly line: StatusLine;
  /** The terminal's width now. */
  readonly columns: () => number;
  /** Milliseconds; a clock that never goes back. */
  readonly now: () => number;
}

/** Progress on a terminal. */
export interface ProgressDisplay extends Progress {
  /** Takes the line away again. */
  end(): void;
}

/** What is over sooner needs no progress, in milliseconds. */
const PATIENCE_MS = 400;
const REDRAW_MS = 100;
/** Before so many are done, their pace says little. */
const ENOUGH_FOR_A_PACE = 10;

/** Shows how far a sweep has come, in one line that is redrawn ten times a second at most. */
export function createProgress({ line, columns, now }: ProgressOptions): ProgressDisplay {
  const restarts = { done: 0, all: 0 };
  const deletions = { done: 0, all: 0 };
  let firstDeletionAt: number | undefined;
  let shownAt = now() + PATIENCE_MS - REDRAW_MS;
  const draw = () => {
    if (now() - shownAt < REDRAW_MS) return;
    shownAt = now();
    const parts = [part("restart", restarts), part("delet", deletions)].filter(Boolean);
    const left = remaining(deletions, now() - (firstDeletionAt ?? now()));
    const text = [...(parts.length > 0 ? parts : ["asking AllDebrid"]), left].filter(Boolean).join(", ");
    // A line as wide as the terminal would wrap on some.
    line.show(fitText(`${text} …`, Math.max(1, columns() - 1)));
  };
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    planned(moreRestarts, moreDeletions) {
      restarts.all += moreRestarts;
      deletions.all += moreDeletions;
    },
    restarted(count) {
      restarts.done += count;
    },
    deleted(count) {
      firstDeletionAt ??= now();
      deletions.done += count;
    },
    end() {
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
  if (done < ENOUGH_FOR_A_PACE || done >= all) return "";
  const ms = (elapsedMs / done) * (all - done);
  return ms < 60_000 ? `${Math.ceil(ms / 1000)} s left` : `${duration(ms)} left`;
}
