import type { Log } from "../core/ports.ts";
import type { ArrHealth, ArrResult, Arrs, ArrTask } from "../core/records.ts";
import { ARR_OUTCOMES, describeMagnet } from "../core/text.ts";
import { DAY_SECONDS, isPastLimit } from "../core/time.ts";
import { type ArrClient, ArrError, type ArrStatus, type HistoryRecord } from "./client.ts";

/** Deletions told to one server in one sweep. */
const MOST_A_SWEEP = 10;
/** What could not be told for so long is given up. */
const KEPT_SECONDS = 7 * DAY_SECONDS;

/** What telling works with. */
export interface TellOptions {
  readonly clients: readonly ArrClient[];
  /** Changed in place. */
  readonly arrs: Arrs;
  /** Returns once `arrs` is on disk. */
  readonly save: () => Promise<void>;
  /** Whether `magnets restore` has added it again since. */
  readonly isRestored: (task: ArrTask) => boolean;
  readonly log: Log;
  readonly now: () => Date;
}

/** What became of a deleted magnet, by its id, at one server; `deletion` is the deletion's key. */
export interface Told {
  readonly id: string;
  readonly deletion?: string;
  readonly result: ArrResult;
}

/**
 * Tells Sonarr and Radarr which downloads failed, oldest first. Each is told at least once; a second time only if the
 * server's history, read right before, does not show the first. The first trouble ends a server's turn in this
 * sweep; it never decides about a deletion. `asked`: the servers that were asked, and what went wrong there, if anything.
 */
export async function tellArrs(options: TellOptions) {
  const { clients, arrs } = options;
  await dropTasks(options);
  const asked = new Map<string, ArrError | undefined>();
  const told = clients.map(async (client): Promise<Told[]> => {
    const { name } = client;
    const results: Told[] = [];
    const waiting = arrs.pending.filter(({ server }) => server === name);
    if (waiting.length > 0 || isInDoubt(arrs.servers.get(name))) {
      asked.set(name, await tellServer(options, client, waiting.slice(0, MOST_A_SWEEP), results));
    }
    const later = arrs.pending.filter(({ server }) => server === name);
    const result: ArrResult = { name, outcome: "later" };
    return [...results, ...later.map(({ id, deletion }) => ({ id, deletion, result }))];
  });
  return { results: (await Promise.all(told)).flat(), asked };
}

/** Whether a server is asked though nothing waits for it: its owner is to hear of the end of its trouble. */
export function isInDoubt({ trouble, told }: ArrHealth = {}): boolean {
  return trouble !== undefined || told?.code !== undefined;
}

/** Drops what is not to be told any more, with a line each. */
async function dropTasks({ clients, arrs, save, isRestored, log, now }: TellOptions): Promise<void> {
  arrs.pending = arrs.pending.filter((task) => {
    const what = `${task.server}: ${describeMagnet(task.id, task.filename)}`;
    if (!clients.some(({ name }) => name === task.server)) {
      log.info(`${what} is not reported as failed: that server is no longer configured`);
    } else if (isRestored(task)) {
      log.info(`${what} is not reported as failed: it was restored`);
    } else if (isPastLimit(task, task.deleted_at, KEPT_SECONDS, now())) {
      const remedy = "look for another release there yourself";
      log.error(`${what} could not be reported for a week and is given up: ${remedy}`);
    } else return true;
    return false;
  });
  await save();
}

/** Tells one server, adds to `results`, and returns the trouble that ended its turn, if any. */
async function tellServer(
  { arrs, save, log, now }: TellOptions,
  client: ArrClient,
  tasks: readonly ArrTask[],
  results: Told[],
): Promise<ArrError | undefined> {
  const { name } = client;
  try {
    const findGrabs = await openHistory(client);
    for (const { key, deletion, id, hash, filename } of tasks) {
      const { grabs, wasGrabbed } = await findGrabs(hash);
      const marked = [];
      for (const grab of grabs) if (await client.markFailed(grab.id)) marked.push(grab);
      // Records that vanished in between were marked by nobody.
      const outcome = outcomeOf(marked, wasGrabbed && grabs.length === 0);
      results.push({ id, deletion, result: { name, outcome } });
      arrs.pending = arrs.pending.filter((task) => task.key !== key);
      if (marked.length > 0) {
        const last_told = { at: now().toISOString(), ...(filename !== undefined && { filename }) };
        arrs.servers.set(name, { ...arrs.servers.get(name), last_told });
      }
      await save();
      const said = outcome === "not grabbed" ? "was not grabbed there" : ARR_OUTCOMES[outcome];
      log.info(`${name}: ${describeMagnet(id, filename)}: ${said}`);
    }
    return undefined;
  } catch (error) {
    if (error instanceof ArrError) return error;
    throw error;
  }
}

/** For a dry run: what each server would be told. Tells nothing; trouble ends a server's turn. */
export async function previewArrs(
  clients: readonly ArrClient[],
  magnets: readonly { readonly id: string; readonly hash: string }[],
  log: Log,
) {
  let keyRefused = false;
  const previews = clients.map(async (client): Promise<Told[]> => {
    const results: Told[] = [];
    try {
      const findGrabs = await openHistory(client);
      for (const { id, hash } of magnets.slice(0, MOST_A_SWEEP)) {
        const { grabs, wasGrabbed } = await findGrabs(hash);
        results.push({ id, result: { name: client.name, outcome: outcomeOf(grabs, wasGrabbed) } });
      }
    } catch (error) {
      if (!(error instanceof ArrError)) throw error;
      log.warning(error.message);
      keyRefused ||= error.code === "ARR_KEY";
    }
    return results;
  });
  return { results: (await Promise.all(previews)).flat(), keyRefused };
}

/** Returns what finds the grabs of a hash that are to be marked as failed, and whether it was grabbed at all. */
async function openHistory(client: ArrClient) {
  const status = await client.status();
  return async (hash: string) => {
    const records = await client.history(hash);
    const wasGrabbed = records.some(({ eventType }) => eventType === "grabbed");
    return { grabs: grabsToFail(records, status), wasGrabbed };
  };
}

/** A grab to mark as failed, and what will come of that: automatic search may be off, or an imported file be kept. */
interface FailedGrab {
  readonly id: number;
  readonly outcome: "searches" | "off" | "keeps";
}

/**
 * Chooses the grabs to mark as failed: the newest of a hash in Sonarr, of each of its movies in Radarr, unless a later
 * failure is on record: so much takes one call (`FailedDownloadService.MarkAsFailed`). It is not idempotent, and the grabs
 * stay in the history; only the server's own dates are compared with each other.
 */
export function grabsToFail(
  records: readonly HistoryRecord[],
  { kind, searches, searchesInteractive }: Omit<ArrStatus, "version">,
): FailedGrab[] {
  const newestFirst = [...records].sort((a, b) => b.date - a.date);
  const movieOf = ({ movieId }: HistoryRecord) => (kind === "radarr" ? (movieId ?? undefined) : undefined);
  return [...new Set(records.map(movieOf))].flatMap((movie): FailedGrab[] => {
    const newest = (type: string) =>
      newestFirst.find((record) => record.eventType === type && movieOf(record) === movie);
    const grab = newest("grabbed");
    if (!grab) return [];
    const isFollowedBy = (type: string) => (newest(type)?.date ?? Number.NEGATIVE_INFINITY) >= grab.date;
    if (isFollowedBy("downloadFailed")) return [];
    const isPicked = grab.data?.releaseSource === "InteractiveSearch";
    const isSearched = isPicked ? searchesInteractive : searches;
    // An imported file is only replaced by something better, and a broken symlink still counts as a file.
    const isImported = isFollowedBy("downloadFolderImported");
    return [{ id: grab.id, outcome: isImported ? "keeps" : isSearched ? "searches" : "off" }];
  });
}

/**
 * What is true of all grabs of a hash together; `marked`: of several movies, some search and some do not. Without any it
 * was marked as failed `already`, by somebody else, or was `not grabbed` there.
 */
export function outcomeOf(marked: readonly FailedGrab[], wasGrabbed: boolean) {
  const [first] = marked;
  if (!first) return wasGrabbed ? "already" : "not grabbed";
  return marked.every(({ outcome }) => outcome === first.outcome) ? first.outcome : "marked";
}
