import type { AccountHealth } from "./account-health.ts";
import type { HealthTeller } from "./health-teller.ts";
import { notePremium } from "./note-premium.ts";
import { noteTrouble } from "./note-trouble.ts";
import type { AlertNotice } from "./notice.ts";
import type { AccountSweep, SweepContext } from "./sweep-context.ts";

/**
 * Draws the conclusion of one sweep over an account: whether it stopped working, works again, or soon will stop
 * since premium ends. Each change is logged and announced once. What passes by itself (network, maintenance)
 * changes nothing.
 */
export async function noteHealth(ctx: SweepContext, account: AccountSweep): Promise<void> {
  if (ctx.dryRun) return;
  const { store } = ctx;
  const { client, evidence } = account;
  if (evidence.userError !== undefined && account.errors.length === 0 && !ctx.stopping.aborted) {
    // The sweep's work does not hang on it, and the next one asks again.
    ctx.log.info(`${client.name}: asking for the account's state: ${evidence.userError}`);
  }
  const alerts: AlertNotice[] = [];
  const teller: HealthTeller = {
    now: ctx.now(),
    announce: ctx.announce,
    log: (level, line) => ctx.log[level](`${client.name}: ${line}`),
    queue: (alert) => {
      const at = ctx.now().toISOString();
      alerts.push({ kind: "alert", key: ctx.newKey(), at, account: client.name, ...alert });
    },
  };
  const health: AccountHealth = { ...store.accounts.get(client.fingerprint), name: client.name };
  noteTrouble(health, evidence, teller);
  notePremium(health, evidence, teller);
  if (alerts.length > 0) {
    // Before the health: a sweep killed in between announces twice rather than never.
    store.outbox.pending.push(...alerts);
    await store.saveOutbox();
  }
  store.accounts.set(client.fingerprint, health);
  await store.saveAccounts();
}
