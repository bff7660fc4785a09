import { startAllDebrid } from "../../examples/sandbox/alldebrid.ts";
import { startDiscord } from "../../examples/sandbox/discord.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";

/** What the sandbox is asked to hold. */
export interface SandboxWish {
  /** One account each. */
  readonly keys: readonly string[];
  /** Magnets in failure in each account; they fail again as soon as they are restarted. */
  readonly failing: number;
  /** Time taken over each request. */
  readonly latencyMs: number;
}

export interface SandboxAddresses {
  readonly apiUrl: string;
  readonly webhookUrl: string;
}

/** What it has seen since it was asked last. */
export interface SandboxReport {
  /** Requests to AllDebrid, and how many of them were refused with 429. */
  readonly requests: number;
  readonly refused: number;
  readonly restarts: number;
  readonly deletions: number;
  /** Embeds that Discord took, and messages that it refused with 429. */
  readonly embeds: number;
  readonly refusedMessages: number;
  /** Milliseconds from the first request to AllDebrid to the last one. */
  readonly spanMs: number;
}

// A process of its own, so that its work is not taken for the program's. First comes a wish, then each message asks
// for a report.
process.once("message", (wish: SandboxWish) => void serve(wish));
process.once("disconnect", () => process.exit());

async function serve({ keys, failing, latencyMs }: SandboxWish): Promise<void> {
  const magnets = () => Array.from({ length: failing }, () => ({ life: neverRecovers(0) }));
  const alldebrid = await startAllDebrid({
    latencyMs,
    accounts: keys.map((key) => ({ key, activeSlots: 100_000, magnets: magnets() })),
  });
  const discord = await startDiscord({ latencyMs });
  const addresses: SandboxAddresses = { apiUrl: alldebrid.url, webhookUrl: discord.url };
  process.send?.(addresses);

  const seen = { requests: 0, restarts: 0, deletions: 0, embeds: 0, messages: 0 };
  process.on("message", () => {
    const requests = alldebrid.requests.slice(seen.requests);
    const messages = discord.requests.slice(seen.messages);
    const magnetsNow = alldebrid.accounts.flatMap((account) => account.magnets());
    const restarts = magnetsNow.reduce((sum, magnet) => sum + magnet.restarts, 0);
    const deletions = alldebrid.accounts.reduce((sum, account) => sum + account.deletions.length, 0);
    const report: SandboxReport = {
      requests: requests.length,
      refused: requests.filter((request) => request.status === 429).length,
      restarts: restarts - seen.restarts,
      deletions: deletions - seen.deletions,
      embeds: discord.embeds.length - seen.embeds,
      refusedMessages: messages.filter((request) => request.status === 429).length,
      spanMs: (requests.at(-1)?.at ?? 0) - (requests[0]?.at ?? 0),
    };
    seen.requests += requests.length;
    seen.messages += messages.length;
    seen.embeds = discord.embeds.length;
    Object.assign(seen, { restarts, deletions });
    process.send?.(report);
  });
}
