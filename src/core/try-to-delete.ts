import type { DeleteOutcome } from "./ports.ts";
import type { AccountSweep, SweepContext } from "./sweep-context.ts";

/** Attempts at one deletion in a sweep. */
const ATTEMPTS = 4;
/** Doubled with each further attempt. */
const FIRST_WAIT_MS = 500;
/** A server that asks for more is left to the next sweep. */
const LONGEST_WAIT_MS = 30_000;

/** What became of a deletion after all attempts at it. `lost`: one of them may have been carried out unseen. */
export type DeleteResult = DeleteOutcome & { readonly lost: boolean };

/**
 * Sends a deletion until its response says what became of it. After a lost response, *gone* means that it was deleted
 * here, and a refusal says nothing about the lost attempt (contract, Counting 7).
 */
export async function tryToDelete(
  ctx: SweepContext,
  { name, key }: AccountSweep,
  id: string,
): Promise<DeleteResult> {
  let lost = false;
  for (let attempt = 1; ; attempt++) {
    const outcome = await key.client.delete(id);
    if (outcome.kind === "deleted" || outcome.kind === "gone") return { ...outcome, lost };
    lost ||= outcome.kind === "lost";
    const { message, retry } = outcome;
    const waitMs = Math.max(retry?.afterMs ?? 0, FIRST_WAIT_MS * 2 ** (attempt - 1));
    if (!retry || attempt >= ATTEMPTS || waitMs > LONGEST_WAIT_MS) return { ...outcome, lost };
    ctx.log.debug(`${name}: deleting magnet ${id}: ${message}; next attempt in ${waitMs} ms`);
    await ctx.sleep(waitMs);
    if (ctx.stopping.signal.aborted) return { ...outcome, lost };
  }
}
