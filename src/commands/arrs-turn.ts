import { randomUUID } from "node:crypto";
import type { ArrError } from "../arrs/client.ts";
import { isInDoubt, previewArrs, type Told, tellArrs } from "../arrs/tell-arrs.ts";
import type { Config } from "../config/load-config.ts";
import { alertCauseOf, noEvidence } from "../core/evidence.ts";
import { normalizeHash } from "../core/magnet.ts";
import { logChanges, noteTrouble } from "../core/note-health.ts";
import type { Log } from "../core/ports.ts";
import type { ArrResult } from "../core/records.ts";
import type { MagnetResult } from "../core/report.ts";
import type { Fetch } from "../http/fetch.ts";
import type { OpenedStore } from "../state/store.ts";
import { createArrClients } from "./clients.ts";
import type { StopControl } from "./stop-control.ts";

/**
 * Tells each Sonarr and Radarr of the deletions that wait for it, and adds what is known of that to the notices that wait
 * for Discord and to the results of deleted magnets. Returns whether one refused its key. Throws nothing but `StateError`.
 */
export async function takeArrsTurn(
  { arrs: servers, webhookUrl, fetch }: Pick<Config, "arrs" | "webhookUrl"> & { readonly fetch?: Fetch },
  store: OpenedStore,
  magnets: readonly MagnetResult[],
  stop: Pick<StopControl, "signals">,
  log: Log,
): Promise<boolean> {
  const deletions = store.outbox.pending.flatMap((notice) => (notice.kind === "deletion" ? notice : []));
  // One may say "later" of what a run that died has told since.
  const isOpen = deletions.some(({ arrs = [] }) => arrs.some(({ outcome }) => outcome === "later"));
  const isDoubtful = servers.some(({ name }) => isInDoubt(store.arrs.servers.get(name)));
  if (store.arrs.pending.length === 0 && !isOpen && !isDoubtful) return false;
  const restoredAt = new Map(store.restored.map(({ hash, restored_at }) => [hash, restored_at]));
  const { results, asked } = await tellArrs({
    clients: createArrClients(servers, stop, fetch),
    arrs: store.arrs,
    save: store.saveArrs,
    isRestored: ({ hash, deleted_at }) => (restoredAt.get(hash) ?? "") > deleted_at,
    log,
    now: () => new Date(),
  });
  for (const [name, trouble] of asked) {
    if (trouble) log.warning(`${trouble.message}; what it is to be told waits for the next sweep`);
    noteServer(store, name, trouble, log, webhookUrl !== undefined);
  }
  const waiting = new Set(store.arrs.pending.map(({ key }) => key));
  for (const notice of deletions) {
    const told = results.filter(({ deletion }) => deletion === notice.key).map(({ result }) => result);
    const known = new Map([...(notice.arrs ?? []), ...told].map((result) => [result.name, result]));
    const isTrue = ({ name, outcome }: ArrResult) =>
      outcome !== "later" || waiting.has(`${notice.key} ${name}`);
    notice.arrs = [...known.values()].filter(isTrue);
  }
  await store.saveOutbox();
  await store.saveArrs();
  addResults(magnets, results);
  return [...asked.values()].some((trouble) => trouble?.code === "ARR_KEY");
}

/** For a dry run: adds to the magnets that would be deleted what each Sonarr and Radarr would be told. */
export async function previewArrsTurn(
  { arrs: servers }: Config,
  store: OpenedStore,
  magnets: readonly MagnetResult[],
  stop: StopControl,
  log: Log,
): Promise<boolean> {
  const due = magnets.flatMap(({ id, action }) => {
    const hash = normalizeHash(store.counters.get(id)?.hash);
    return action === "deleted" && hash !== undefined ? [{ id, hash }] : [];
  });
  if (servers.length === 0 || due.length === 0) return false;
  const { results, keyRefused } = await previewArrs(createArrClients(servers, stop), due, log);
  addResults(magnets, results);
  return keyRefused;
}

function addResults(magnets: readonly MagnetResult[], results: readonly Told[]) {
  for (const magnet of magnets) {
    const arrs = magnet.action === "deleted" ? results.filter(({ id }) => id === magnet.id) : [];
    if (arrs.length > 0) magnet.arrs = arrs.map(({ result }) => result);
  }
}

/** A server that can't be reached or refuses its key is announced as an account's trouble is. */
function noteServer(
  store: OpenedStore,
  name: string,
  trouble: ArrError | undefined,
  log: Log,
  announce: boolean,
) {
  const health = { ...store.arrs.servers.get(name) };
  const cause = trouble && alertCauseOf(trouble.code);
  const { code = "", message = "" } = trouble ?? {};
  const refusals = new Map(cause && [[cause, { code, message }]]);
  const evidence = { ...noEvidence(), refusals, listed: trouble === undefined };
  const now = () => new Date();
  const changes = noteTrouble(health, evidence, { now: now(), announce, what: "it" });
  const alerts = logChanges({ log, now, newKey: randomUUID }, name, health, changes);
  if (announce) store.outbox.pending.push(...alerts);
  store.arrs.servers.set(name, health);
}
