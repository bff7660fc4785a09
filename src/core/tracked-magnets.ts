import { type Candidate, type HoldRule, planAccount } from "./decide.ts";
import { mayBeOneMagnets } from "./evidence.ts";
import type { AccountNames } from "./identify-accounts.ts";
import type { ConfirmedDeletion, Counters, IsoTime } from "./records.ts";
import type { Policy } from "./settings.ts";
import { countSighting, lastStatus, type Sighting } from "./sighting.ts";
import { cleanText, countOf, describeMagnet } from "./text.ts";

/** What `status --json` says of any magnet. */
interface NamedMagnet {
  id: string;
  /** The account's name; null when it is not known. */
  account: string | null;
  filename: string | null;
}

/** One tracked magnet in the document of `status --json`. */
export interface TrackedMagnet extends NamedMagnet {
  /** Bytes. */
  size: number | null;
  /** `expired` or `error`, as last sighted. */
  status: string;
  /** AllDebrid's own words. */
  status_text: string | null;
  /** Sightings in failure so far. */
  fails: number;
  /** The sighting at which it is deleted. */
  max_retries: number;
  failing_since: IsoTime | null;
  last_seen: IsoTime | null;
  /** Why the last sweep held its deletion back; null when it did not. */
  held: string | null;
  /** What the next sighting in failure brings, by the rules as they are now. */
  next: "restart" | "delete" | "held";
  /** The rule that will hold its deletion back. */
  held_by: HoldRule | null;
  /** Why `next` is what it is. */
  next_reason: string;
  /** The code that refused its last restarts without being about the magnet, and in how many sweeps in a row. */
  refused: { code: string; times: number } | null;
}

/** What the next sighting of each tracked magnet brings: the decision a sweep would make, made in advance. */
export function previewMagnets(
  counters: Counters,
  { nameOf }: Pick<AccountNames, "nameOf">,
  policy: Policy,
  cycleSeconds: number,
): TrackedMagnet[] {
  const byAccount = new Map<string | undefined, Map<string, Candidate>>();
  for (const [id, record] of counters) {
    const { account, filename, hash, size } = record;
    const sighting: Sighting = { magnet: { id, filename, hash, size }, statuses: [lastStatus(record)] };
    const lastSeen = record.last_seen ? Date.parse(record.last_seen) : 0;
    const now = new Date(lastSeen + cycleSeconds * 1000);
    const next = countSighting(record, sighting, { account: account ?? "", policy, now, cycleSeconds });
    const candidates = byAccount.get(account) ?? new Map<string, Candidate>();
    byAccount.set(account, candidates.set(id, { sighting, record: next }));
  }
  return [...byAccount].flatMap(([account, candidates]) => {
    const name = nameOf(account);
    return [...planAccount(candidates, policy).magnets].flatMap(([id, { decision }]): TrackedMagnet[] => {
      const record = counters.get(id);
      if (!record) return [];
      const isHeld = decision.action === "hold";
      return [
        {
          id,
          account: name,
          filename: record.filename ?? null,
          size: record.size ?? null,
          status: record.last_status,
          status_text: record.status_text ?? null,
          fails: record.fails,
          max_retries: decision.maxRetries,
          failing_since: record.failing_since ?? null,
          last_seen: record.last_seen ?? null,
          held: record.held ?? null,
          next: isHeld ? "held" : decision.action,
          held_by: isHeld ? decision.rule : null,
          next_reason: decision.reason,
          refused: record.refused ?? null,
        },
      ];
    });
  });
}

/** A magnet that a hold keeps until a restart is a real chance, while AllDebrid refuses each for another reason. */
export interface WaitingInVain extends NamedMagnet {
  /** AllDebrid's, raw: clean it at the sink. */
  code: string;
  /** Sweeps in a row that were refused with it. */
  sweeps: number;
}

/** A magnet whose deletion AllDebrid confirmed, and that a sweep found there all the same. */
export interface StillThere extends NamedMagnet {
  /** When the deletion was confirmed. */
  deleted_at: IsoTime;
  /** When the magnet was last found there. */
  still_there: IsoTime;
}

/** Sweeps in a row that AllDebrid must have refused a restart before a person is asked to look into it. */
const IN_VAIN = 3;

/** Refusals because of the account are not the magnet's: they are shown as the account's trouble. */
export function waitingInVain(magnets: readonly TrackedMagnet[]): WaitingInVain[] {
  return magnets.flatMap(({ id, account, filename, held_by, refused }) => {
    if (held_by !== "second_chance" && held_by !== "gap") return [];
    if (!refused || refused.times < IN_VAIN || !mayBeOneMagnets(refused.code)) return [];
    return [{ id, account, filename, code: refused.code, sweeps: refused.times }];
  });
}

/** The confirmed deletions that a later sweep did not find done. */
export function stillThere(
  confirmed: ReadonlyMap<string, ConfirmedDeletion>,
  { nameOf }: AccountNames,
): StillThere[] {
  return [...confirmed.values()].flatMap(({ id, fingerprint, deleted_at, still_there, record }) => {
    if (still_there === undefined) return [];
    const account = nameOf(fingerprint);
    return [{ id, account, filename: record.filename ?? null, deleted_at, still_there }];
  });
}

/** Something that a person has to see to. Names in it are not cleaned. */
interface Explained {
  readonly message: string;
  readonly remedy: string;
}

const MAGNETS_PAGE = "https://alldebrid.com/magnets";

/** One for each code that keeps magnets waiting. */
export function explainWaitingInVain(waiting: readonly WaitingInVain[]): Explained[] {
  return [...new Set(waiting.map(({ code }) => code))].map((raw) => {
    const magnets = waiting.filter((each) => each.code === raw);
    const code = cleanText(raw, 60);
    const sweeps = Math.min(...magnets.map((each) => each.sweeps));
    return {
      message: `${listed(magnets)} can't be restarted: AllDebrid has refused it with ${code} for ${sweeps} sweeps or more, so nothing is deleted`,
      remedy: `delete what you don't need at ${MAGNETS_PAGE}, and report the code ${code} to the authors of magnets`,
    };
  });
}

/** One for all magnets that AllDebrid confirmed to have deleted. */
export function explainStillThere(magnets: readonly StillThere[]): Explained[] {
  if (magnets.length === 0) return [];
  const them = magnets.length > 1 ? "them" : "it";
  return [
    {
      message: `AllDebrid does not do as it says: it confirmed the deletion of ${listed(magnets)}, and still has ${them}`,
      remedy: `each sweep sends the deletion once more; if that does not help, delete ${them} at ${MAGNETS_PAGE}`,
    },
  ];
}

const NAMED = 3;

function listed(magnets: readonly NamedMagnet[]): string {
  const shown = magnets.slice(0, NAMED).map(({ id, account, filename }) => {
    const magnet = describeMagnet(id, filename);
    return account === null ? magnet : `${account}: ${magnet}`;
  });
  const others = magnets.length - shown.length;
  return [...shown, ...(others > 0 ? [countOf(others, "other")] : [])].join(", ");
}
