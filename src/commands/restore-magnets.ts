import { Api } from "../alldebrid/api.ts";
import { RateLimiter } from "../alldebrid/rate-limiter.ts";
import { type UploadOutcome, uploadMagnets } from "../alldebrid/upload-magnets.ts";
import type { AccountConfig, Config } from "../config/config.ts";
import type { Restorable } from "../core/restorable.ts";
import type { RestoreReport, RestoreResult } from "../core/restore-report.ts";
import { restoreTarget } from "../core/restore-target.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../terminal/log.ts";
import { createStopControl, type StopControl } from "./stop-control.ts";

/** It ends itself after this long. */
const LONGEST_MS = 10 * 60_000;

/** Adds deleted magnets again, each under its account; one that fails stops no other. */
export async function restoreMagnets(input: {
  readonly config: Pick<Config, "accounts" | "apiUrl">;
  readonly log: Log;
  readonly wanted: readonly Restorable[];
}): Promise<RestoreReport> {
  const { config, log, wanted } = input;
  const targets = wanted.map((each) => targetOf(each, config.accounts));
  const stop = createStopControl(LONGEST_MS, (message) => log.warning(message));
  try {
    const limiter = new RateLimiter();
    const outcomes = new Map<string, ReadonlyMap<string, UploadOutcome>>();
    await Promise.all(
      config.accounts.map(async (account) => {
        const hashes = targets.flatMap((target) => (target.account === account ? (target.hash ?? []) : []));
        const api = apiOf(account, { config, log, stop, limiter });
        outcomes.set(account.fingerprint, await uploadMagnets(api, hashes));
      }),
    );
    const magnets = targets.map(({ account, hash, result }) => {
      const outcome = hash && account && outcomes.get(account.fingerprint)?.get(hash);
      return outcome ? { ...result, ...resultOf(outcome) } : result;
    });
    const failed = magnets.some((magnet) => !magnet.restored);
    const exitCode = stop.cause()?.exitCode ?? (failed ? ExitCode.failed : ExitCode.ok);
    return { version: 1, exit_code: exitCode, magnets };
  } finally {
    stop.dispose();
  }
}

interface Target {
  /** Absent when it can't be restored; `result` says why. */
  readonly account?: AccountConfig;
  readonly hash?: string;
  readonly result: RestoreResult;
}

function targetOf({ deletion, hash }: Restorable, accounts: readonly AccountConfig[]): Target {
  const { id, filename = null } = deletion;
  const nothing = { restored: false, new_id: null, ready: null, error: null, note: null };
  const result = { id, filename, account: deletion.account, hash: hash ?? null, ...nothing };
  if (hash === undefined) {
    return { result: { ...result, error: "its hash is not known, so it can't be added again" } };
  }
  const target = restoreTarget(deletion, accounts);
  if ("problem" in target) return { result: { ...result, error: target.problem } };
  const { account, note = null } = target;
  return { account, hash, result: { ...result, account: account.name, note } };
}

function apiOf({ name, key }: AccountConfig, { config, log, stop, limiter }: Shared): Api {
  return new Api(key, {
    apiUrl: config.apiUrl,
    limiter,
    stopping: stop.stopping.signal,
    abort: stop.abort,
    debug: (message) => log.debug(`${name}: ${message}`),
  });
}

interface Shared {
  readonly config: Pick<Config, "apiUrl">;
  readonly log: Log;
  readonly stop: StopControl;
  readonly limiter: RateLimiter;
}

function resultOf(outcome: UploadOutcome): Partial<RestoreResult> {
  if (outcome.kind === "failed") return { error: outcome.message };
  return { restored: true, new_id: outcome.id, ready: outcome.ready };
}
