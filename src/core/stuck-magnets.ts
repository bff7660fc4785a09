import type { AccountNames } from "./account-names.ts";
import { mayBeOneMagnets } from "./evidence.ts";
import type { TrackedMagnet } from "./preview-magnets.ts";
import type { ConfirmedDeletion } from "./records.ts";
import { cleanText, countOf, describeMagnet } from "./text.ts";

/** A magnet that a hold keeps until a restart is a real chance, while AllDebrid refuses each for another reason. */
export interface WaitingInVain {
  id: string;
  account: string | null;
  filename: string | null;
  /** AllDebrid's, raw: clean it at the sink. */
  code: string;
  /** Sweeps in a row that were refused with it. */
  sweeps: number;
}

/** A magnet whose deletion AllDebrid confirmed, and that a sweep found there all the same. */
export interface StillThere {
  id: string;
  account: string | null;
  filename: string | null;
  /** ISO 8601: when the deletion was confirmed. */
  deleted_at: string;
  /** ISO 8601: when the magnet was last found there. */
  still_there: string;
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

function listed(magnets: readonly { id: string; account: string | null; filename: string | null }[]): string {
  const shown = magnets.slice(0, NAMED).map(({ id, account, filename }) => {
    const magnet = describeMagnet(id, filename);
    return account === null ? magnet : `${account}: ${magnet}`;
  });
  const others = magnets.length - shown.length;
  return [...shown, ...(others > 0 ? [countOf(others, "other")] : [])].join(", ");
}
