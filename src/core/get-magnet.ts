import type { Magnet } from "./magnet.ts";
import { AccountError } from "./ports.ts";
import { type AccountSweep, accountFailed, type SweepContext } from "./sweep-context.ts";

/** An account that failed to answer this many questions is not asked again in this sweep. */
const FAILURES = 3;

/** What a question by id brought; `silent` when it was not asked or not answered. */
export type Answer = { kind: "found"; magnet: Magnet } | { kind: "gone" } | { kind: "silent" };

/**
 * Asks an account for one magnet by its id, within the account's budget of questions. Only `MAGNET_INVALID_ID` is
 * `gone`: a response without the magnet proves nothing.
 */
export async function getMagnet(ctx: SweepContext, account: AccountSweep, id: string): Promise<Answer> {
  if (account.questions <= 0 || account.failedQuestions >= FAILURES || ctx.stopping.signal.aborted) {
    return { kind: "silent" };
  }
  account.questions--;
  try {
    const magnet = await account.client.getMagnet(id);
    if (magnet === "gone") return { kind: "gone" };
    return magnet === undefined ? { kind: "silent" } : { kind: "found", magnet };
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    account.failedQuestions++;
    accountFailed(ctx, account, `asking for magnet ${id}: ${error.message}`);
    return { kind: "silent" };
  }
}
