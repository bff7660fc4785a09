import type { HoldRule } from "../core/decide.ts";

/** What tables call each rule that holds deletions back, and what it means in half a sentence. */
export const HOLD_WORDS: Readonly<Record<HoldRule, { readonly name: string; readonly meaning: string }>> = {
  protect: { name: "protected", meaning: "named in protect, never deleted" },
  min_failing_hours: { name: "too young", meaning: "not failing for min_failing_hours yet" },
  second_chance: { name: "2nd chance", meaning: "no restart was answered for its own sake yet" },
  max_deletes_per_run: {
    name: "too many",
    meaning:
      "more are due than max_deletes_per_run, so none is deleted; to go on: magnets run-once --max-deletes 0",
  },
};
