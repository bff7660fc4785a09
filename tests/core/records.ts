import type { FailingStatus, Magnet } from "../../src/core/magnet.ts";
import type { CounterRecord } from "../../src/core/records.ts";
import type { Policy } from "../../src/core/settings.ts";
import type { Sighting } from "../../src/core/sighting.ts";

/** The rules of an owner who set nothing. */
export const DEFAULT_POLICY: Policy = {
  maxRetries: { expired: 5, error: 5 },
  minFailingHours: 0,
  maxDeletes: 100,
  protect: [],
};

/** A magnet as a list shows it. */
export function magnetOf(id: string, more: Partial<Magnet> = {}): Magnet {
  return { id, filename: `Film ${id}`, statusText: "No peer after 30 minutes", statusCode: 15, ...more };
}

/** A magnet sighted in these lists. */
export function sightingOf(
  id: string,
  statuses: FailingStatus[] = ["error"],
  more?: Partial<Magnet>,
): Sighting {
  return { magnet: magnetOf(id, more), statuses };
}

/** A counter that was restarted once; `fails` counts the sighting that is decided about. */
export function recordOf(fails: number, more: Partial<CounterRecord> = {}): CounterRecord {
  return { fails, last_status: "error", restarts: 1, had_chance: true, ...more };
}
