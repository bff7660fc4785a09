import type { Policy } from "./policy.ts";
import { protectedBy } from "./protection.ts";
import type { CounterRecord } from "./record.ts";
import { limitFor, type Sighting } from "./sighting.ts";

/** The rules that hold a due deletion back. */
export type HoldRule = "protect" | "min_failing_hours" | "second_chance" | "max_deletes_per_run";

/** What is to be done about a sighted magnet, and why. A held magnet is restarted instead of deleted. */
export type Decision =
  | { readonly action: "restart"; readonly reason: string }
  | { readonly action: "delete"; readonly reason: string }
  | { readonly action: "hold"; readonly rule: HoldRule; readonly reason: string };

/**
 * Decides about one magnet whose sighting is already counted in `record`. `max_deletes_per_run`, which takes
 * all magnets of an account to decide, comes after: see `planAccount`.
 */
export function decide(sighting: Sighting, record: CounterRecord, policy: Policy): Decision {
  const { status, maxRetries } = limitFor(sighting.statuses, policy);
  const sightings = `sighting ${record.fails} of ${maxRetries} in ${status}`;
  if (record.fails < maxRetries) return { action: "restart", reason: sightings };

  const protection = protectedBy(policy.protect, sighting.magnet, record);
  if (protection !== undefined) return { action: "hold", rule: "protect", reason: protection };

  const failingHours = (record.failing_seconds ?? 0) / 3600;
  if (failingHours < policy.minFailingHours) {
    const reason = `failing for ${hours(failingHours)} of min_failing_hours ${policy.minFailingHours}`;
    return { action: "hold", rule: "min_failing_hours", reason };
  }
  if (maxRetries > 1 && record.had_chance !== true) {
    const reason = "second chance: no restart of it has been answered for its own sake yet";
    return { action: "hold", rule: "second_chance", reason };
  }
  return { action: "delete", reason: sightings };
}

function hours(value: number): string {
  return `${Math.floor(value * 10) / 10} h`;
}
