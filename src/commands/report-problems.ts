import { countOf } from "../core/count-of.ts";
import type { OpenedStore } from "../state/open-store.ts";
import type { Log } from "../terminal/log.ts";

/** Logs what was wrong with state files, and where counters were taken over from; true when something was lost. */
export function reportProblems(store: OpenedStore, log: Log, mode: "read" | "write"): boolean {
  for (const { message, severity } of store.problems) log[severity](message);
  if (store.importedFrom !== undefined) {
    const what = `${countOf(store.counters.size, "counter")} from ${store.importedFrom}`;
    log.info(mode === "write" ? `took over ${what}` : `the first sweep will take over ${what}`);
  }
  return store.problems.some((problem) => problem.severity === "error");
}
