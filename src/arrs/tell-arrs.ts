import type { Log } from "../core/ports.ts";
import type { ArrHealth, ArrResult, Arrs, ArrTask } from "../core/records.ts";
import { ARR_OUTCOMES, describeMagnet } from "../core/text.ts";
import { DAY_SECONDS, isPastLimit } from "../core/time.ts";
import { type ArrClient, ArrError } from "./client.ts";
import { grabsToFail, outcomeOf } from "./history.ts";

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

/** What telling brought. */
export interface Told {
  /** By the deletion's key. */
  readonly results: ReadonlyMap<string, { readonly id: string; readonly arrs: readonly ArrResult[] }>;
  /** The servers that were asked, and what went wrong there, if anything. */
  readonly asked: ReadonlyMap<string, ArrError | undefined>;
}

/**
 * Tells Sonarr and Radarr which downloads failed, oldest first. Each is told at least once, and twice never where the
 * server's own history shows the first time: it is read right before. The first trouble ends a server's turn in this
 * sweep; it never decides about a deletion.
 */
export async function tellArrs(options: TellOptions): Promise<Told> {
  const { clients, arrs } = options;
  await dropTasks(options);
  const results = new Map<string, { id: string; arrs: ArrResult[] }>();
  const asked = new Map<string, ArrError | undefined>();
  const note = ({ deletion, id }: ArrTask, result: ArrResult) => {
    results.set(deletion, { id, arrs: inOrder(clients, results.get(deletion)?.arrs, result) });
  };
  await Promise.all(
    clients.map(async (client) => {
      const waiting = arrs.pending.filter(({ server }) => server === client.name);
      const isAsked = waiting.length > 0 || isInDoubt(arrs.servers.get(client.name));
      if (isAsked) {
        asked.set(client.name, undefined);
        try {
          await tellServer(options, client, waiting.slice(0, MOST_A_SWEEP), note);
        } catch (error) {
          if (!(error instanceof ArrError)) throw error;
          asked.set(client.name, error);
        }
      }
      for (const task of arrs.pending) {
        if (task.server === client.name) note(task, { name: client.name, outcome: "later" });
      }
    }),
  );
  return { results, asked };
}

/** Whether a server is asked though nothing waits for it: its owner is to hear of the end of its trouble. */
export function isInDoubt({ trouble, told }: ArrHealth = {}): boolean {
  return trouble !== undefined || told?.code !== undefined;
}

/** Drops what is not to be told any more, with a line each. */
async function dropTasks({ clients, arrs, save, isRestored, log, now }: TellOptions): Promise<void> {
  const names = new Set(clients.map(({ name }) => name));
  arrs.pending = arrs.pending.filter((task) => {
    const what = `${task.server}: ${describeMagnet(task.id, task.filename)}`;
    if (!names.has(task.server)) {
      log.info(`${what} will not be told: that server is no longer configured`);
      return false;
    }
    if (isRestored(task)) {
      log.info(`${what} will not be told: it was restored`);
      return false;
    }
    if (isPastLimit(task, task.deleted_at, KEPT_SECONDS, now())) {
      log.error(
        `${what} could not be told for a week and is given up: look for another release there yourself`,
      );
      return false;
    }
    return true;
  });
  await save();
}

async function tellServer(
  { arrs, save, log, now }: TellOptions,
  client: ArrClient,
  tasks: readonly ArrTask[],
  note: (task: ArrTask, result: ArrResult) => void,
): Promise<void> {
  const findGrabs = await openHistory(client);
  for (const task of tasks) {
    const { grabs, isKnown } = await findGrabs(task.hash);
    const marked = [];
    for (const grab of grabs) if (await client.markFailed(grab.id)) marked.push(grab);
    // Records that vanished in between were marked by nobody.
    const outcome = outcomeOf(marked, isKnown && grabs.length === 0);
    note(task, { name: client.name, outcome });
    arrs.pending = arrs.pending.filter(({ key }) => key !== task.key);
    if (marked.length > 0) {
      const { filename } = task;
      const last_told = { at: now().toISOString(), ...(filename !== undefined && { filename }) };
      arrs.servers.set(client.name, { ...arrs.servers.get(client.name), last_told });
    }
    await save();
    const said = outcome === "not grabbed" ? "was not grabbed there" : ARR_OUTCOMES[outcome];
    log.info(`${client.name}: ${describeMagnet(task.id, task.filename)}: ${said}`);
  }
}

/** With one more result, in the order of the servers, whichever answered first. */
function inOrder(clients: readonly ArrClient[], known: readonly ArrResult[] = [], result: ArrResult) {
  const all = [...known, result];
  return clients.flatMap((client) => all.filter(({ name }) => name === client.name));
}

async function openHistory(client: ArrClient) {
  const { kind } = await client.status();
  const settings = await client.settings();
  return async (hash: string) => grabsToFail(await client.history(hash), kind, settings);
}

/** For a dry run: what each server would be told, by magnet id. Tells nothing; trouble ends a server's turn. */
export async function previewArrs(
  clients: readonly ArrClient[],
  magnets: readonly { readonly id: string; readonly hash: string }[],
  log: Log,
): Promise<{ readonly results: ReadonlyMap<string, readonly ArrResult[]>; readonly keyRefused: boolean }> {
  const results = new Map<string, ArrResult[]>();
  let keyRefused = false;
  const look = async (client: ArrClient) => {
    const findGrabs = await openHistory(client);
    for (const { id, hash } of magnets.slice(0, MOST_A_SWEEP)) {
      const { grabs, isKnown } = await findGrabs(hash);
      const result = { name: client.name, outcome: outcomeOf(grabs, isKnown) };
      results.set(id, inOrder(clients, results.get(id), result));
    }
  };
  const failed = (error: unknown) => {
    if (!(error instanceof ArrError)) throw error;
    log.warning(error.message);
    keyRefused ||= error.code === "ARR_KEY";
  };
  await Promise.all(clients.map((client) => look(client).catch(failed)));
  return { results, keyRefused };
}
