import type { Progress } from "../core/ports.ts";
import { fitText } from "./layout.ts";
import { duration } from "./relative-time.ts";
import type { Symbols } from "./screen.ts";

/** The last line of a terminal, shown for as long as something is under way. */
export type StatusLine = ReturnType<typeof createStatusLine>;

const ERASE = "\r\u001b[2K";

/** Makes the status line of a terminal that `write` sends to and that is `columns()` wide now. */
export function createStatusLine(
  write: (text: string) => void,
  columns: () => number,
  { spell, ellipsis }: Symbols,
) {
  let shown = "";
  return {
    /** Writes whole lines above it. */
    write: (text: string) => write(shown === "" ? text : `${ERASE}${text}${shown}`),
    /** Shows a line, cut to the terminal's width; an empty one takes it away. */
    show: (text: string) => {
      // A line as wide as the terminal would wrap on some.
      const line = fitText(spell(text), Math.max(1, columns() - 1), ellipsis);
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

/** Shows how far a sweep has come, in one line that is redrawn ten times a second at most. */
export function createProgress(line: StatusLine): Progress & { end(): void } {
  const now = () => performance.now();
  const restarts = { done: 0, all: 0 };
  const deletions = { done: 0, all: 0 };
  let waiting = 0;
  let firstDeletionAt: number | undefined;
  let shownAt = now() + PATIENCE_MS - REDRAW_MS;
  const draw = () => {
    if (now() - shownAt < REDRAW_MS) return;
    shownAt = now();
    const parts = [
      part("restart", restarts),
      waiting > 0 ? `${waiting} waiting for a free slot` : "",
      part("delet", deletions),
    ].filter(Boolean);
    const left = remaining(deletions, now() - (firstDeletionAt ?? now()));
    const text = [...(parts.length > 0 ? parts : ["asking AllDebrid"]), left].filter(Boolean).join(", ");
    line.show(`${text} …`);
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
    waiting(count) {
      restarts.all -= count;
      waiting += count;
    },
    deleted(count) {
      firstDeletionAt ??= now();
      deletions.done += count;
    },
    /** Takes the line away again. */
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
  if (done < ENOUGH_TO_ESTIMATE || done >= all) return "";
  const ms = (elapsedMs / done) * (all - done);
  return ms < 60_000 ? `${Math.ceil(ms / 1000)} s left` : `${duration(ms)} left`;
}
