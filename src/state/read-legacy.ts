import type { LegacyCounters } from "../core/legacy-counters.ts";
import type { Counters } from "../core/record.ts";
import { StateError } from "../errors.ts";
import { countersFormat } from "./counters-format.ts";
import { parseText } from "./load-state.ts";
import type { StateProblem } from "./open-state-file.ts";

/** Counters taken over from the original program, and what was wrong with them. */
export interface Legacy {
  readonly path: string;
  readonly counters: Counters;
  readonly problems: readonly StateProblem[];
}

/**
 * Reads the original program's counters; `undefined` when there are none.
 *
 * @throws StateError when they are there and could not be read.
 */
export function readLegacy(source: LegacyCounters | undefined): Legacy | undefined {
  if (source?.error !== undefined) {
    const remedy = "make it readable, or copy it beside the config and delete retry_counts_path there";
    throw new StateError(`can't take over the counters of ${source.path}: ${source.error}; ${remedy}`);
  }
  if (source?.text === undefined) return undefined;
  const { path, text } = source;
  const { value, damage } = parseText(path, text, countersFormat);
  const problems = damage.map(({ severity, what }) => ({
    file: path,
    message: `${path} ${what}; it stays as it is`,
    severity,
  }));
  return { path, counters: value, problems };
}
