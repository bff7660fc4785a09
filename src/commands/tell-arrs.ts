import { createArrClient } from "../arrs/client.ts";
import { tellArrs } from "../arrs/tell-arrs.ts";
import type { Config } from "../config/config.ts";
import { alertCauseOf, noEvidence } from "../core/evidence.ts";
import { logChanges, noteTrouble } from "../core/note-health.ts";
import type { ArrResult } from "../core/records.ts";
import type { OpenedStore } from "../state/store.ts";
import type { Log } from "../terminal/log.ts";
import type { StopControl } from "./stop-control.ts";

/** All servers together: a message to Discord waits for no longer (contract, Sonarr and Radarr). */
const LONGEST_MS = 30_000;

/** What telling each Sonarr and Radarr brought. */
export interface ToldArrs {
  /** By magnet id. */
  readonly byMagnet: ReadonlyMap<string, readonly ArrResult[]>;
  /** A server refused its key. */
  readonly needsAttention: boolean;
}

/**
 * Tells each Sonarr and Radarr of the deletions that wait for it, and adds to the notices that wait for Discord what
 * is known of that. Never throws for what a server or the network does.
 *
 * @throws StateError
 */
export async function tellServers(
  { arrs: servers, webhookUrl }: Config,
  store: OpenedStore,
  stop: StopControl,
  log: Log,
): Promise<ToldArrs> {
  if (store.arrs.pending.length === 0) return { byMagnet: new Map(), needsAttention: false };
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), LONGEST_MS);
  const end = () => deadline.abort();
  stop.signals.abort.addEventListener("abort", end, { once: true });
  const now = () => new Date();
  const restoredAt = new Map(store.restored.map(({ hash, restored_at }) => [hash, restored_at]));
  try {
    const { results, asked } = await tellArrs({
      clients: servers.map((server) => createArrClient(server, { signal: deadline.signal })),
      arrs: store.arrs,
      save: store.saveArrs,
      isRestored: ({ hash = "", deleted_at }) => (restoredAt.get(hash) ?? "") > deleted_at,
      log,
      now,
      stopping: stop.signals.stopping,
    });
    for (const [name, trouble] of asked) {
      if (trouble) log.warning(`${trouble.message}; what it was not told waits for the next sweep`);
      noteServer(store, name, trouble, log, webhookUrl !== undefined);
    }
    for (const notice of store.outbox.pending) {
      const arrs = notice.kind === "deletion" ? results.get(notice.key)?.arrs : undefined;
      if (arrs && notice.kind === "deletion") notice.arrs = [...arrs];
    }
    await store.saveOutbox();
    await store.saveArrs();
    const byMagnet = new Map([...results.values()].map(({ id, arrs }) => [id, arrs]));
    return { byMagnet, needsAttention: [...asked.values()].some((trouble) => trouble?.code === "ARR_KEY") };
  } finally {
    clearTimeout(timer);
    stop.signals.abort.removeEventListener("abort", end);
  }
}

/** A server that can't be reached or refuses its key is announced as an account's trouble is. */
function noteServer(
  store: OpenedStore,
  name: string,
  trouble: { readonly code: string; readonly message: string } | undefined,
  log: Log,
  announce: boolean,
): void {
  const health = { ...store.arrs.servers.get(name) };
  const cause = trouble && alertCauseOf(trouble.code);
  const refusals = new Map(cause && trouble ? [[cause, trouble]] : []);
  const evidence = { ...noEvidence(), refusals, listed: trouble === undefined };
  const now = () => new Date();
  const changes = noteTrouble(health, evidence, { now: now(), announce, what: "it" });
  const alerts = logChanges({ log, now, newKey: () => crypto.randomUUID() }, name, health, changes);
  if (announce) store.outbox.pending.push(...alerts);
  store.arrs.servers.set(name, health);
}
