import type { Answer } from "./behaviour.ts";
import { type DiscordMode, discordError, modeBehaviour } from "./discord-mode.ts";
import { type DiscordRateLimit, DiscordRateLimiter } from "./discord-rate-limiter.ts";
import { judgePost, type PostedEmbed, type SavedMessage } from "./discord-webhook.ts";
import { type HttpSandbox, type HttpSandboxOptions, startHttpSandbox } from "./http-sandbox.ts";
import type { RecordedRequest } from "./recorded-request.ts";

/** Everything has a default. */
export type DiscordOptions = HttpSandboxOptions & {
  mode?: DiscordMode;
  /** Per webhook. Default: 5 in 2 s and 30 a minute. */
  rateLimit?: DiscordRateLimit;
};

/** A fake of Discord's webhooks on loopback. What is not readonly may be changed at any time. */
export type DiscordSandbox = HttpSandbox & {
  /** The address of the first webhook. */
  readonly url: string;
  /** What was saved, in order, over all webhooks. */
  readonly messages: readonly SavedMessage[];
  /** All embeds of all messages, in order. */
  readonly embeds: readonly PostedEmbed[];
  mode: DiscordMode;
  rateLimit: DiscordRateLimit;
  /** Embeds refused with 400 (50035), which refuses their whole message. Default none. */
  refuses: (embed: PostedEmbed) => boolean;
  /** Makes another webhook and returns its address. */
  addWebhook(): string;
  /** After this its address answers 404 (10015). */
  deleteWebhook(url: string): void;
};

const CHANNEL = "1190000000000000001";
const GUILD = "1180000000000000001";
const FIRST_WEBHOOK = 1_200_000_000_000_000_001n;
const FIRST_MESSAGE = 1_300_000_000_000_000_001n;

/** Starts the fake with one webhook. */
export async function startDiscord(options: DiscordOptions = {}): Promise<DiscordSandbox> {
  const tokens = new Map<string, string>();
  const messages: SavedMessage[] = [];
  let webhooks = 0;
  const limiter = new DiscordRateLimiter(options.rateLimit);

  function answer(request: RecordedRequest): Answer {
    const id = webhookId(request.path);
    const token = tokens.get(id ?? "");
    if (id === null) return discordError(404, 0, "404: Not Found");
    if (token === undefined) return discordError(404, 10015, "Unknown Webhook");
    if (token !== request.key) return discordError(401, 50027, "Invalid Webhook Token");
    if (request.method === "GET") return { status: 200, body: JSON.stringify(webhookView(id, token)) };
    if (request.method !== "POST") return discordError(405, 0, "405: Method Not Allowed");
    const { refusal, headers } = limiter.take(id, request.at);
    return refusal ?? { ...post(id, request), headers };
  }

  function post(id: string, request: RecordedRequest): Answer {
    const verdict = judgePost(request.body, request.headers["content-type"] ?? "", sandbox.refuses);
    const waits = request.query.get("wait") === "true";
    // Without wait=true a message that is not saved raises no error.
    if ("refusal" in verdict) return waits ? verdict.refusal : { status: 204, body: "" };
    const messageId = String(FIRST_MESSAGE + BigInt(messages.length));
    const url = `${server.origin}${request.path}`;
    messages.push({ id: messageId, url, at: request.at, ...verdict.message });
    if (!waits) return { status: 204, body: "" };
    const { content, embeds, username } = verdict.message;
    const author = { id, username, bot: true };
    const saved = { id: messageId, type: 0, channel_id: CHANNEL, webhook_id: id, author, content, embeds };
    return { status: 200, body: JSON.stringify({ ...saved, timestamp: new Date().toISOString() }) };
  }

  const server = await startHttpSandbox(
    {
      admit: () => null,
      identify: (request) => {
        request.endpoint = webhookId(request.path) === null ? "unknown" : "webhook";
        request.key = request.path.split("/").at(-1) ?? null;
      },
      answer,
      standingFault: () => {
        const behaviour = modeBehaviour(sandbox.mode);
        return behaviour && { behaviour, act: false };
      },
    },
    options,
  );
  const addWebhook = () => {
    const id = String(FIRST_WEBHOOK + BigInt(webhooks));
    const token = `sandbox-t0ken-${webhooks}-`.padEnd(68, "Xy_-3");
    webhooks += 1;
    tokens.set(id, token);
    return `${server.origin}/api/webhooks/${id}/${token}`;
  };
  const own = {
    url: addWebhook(),
    messages,
    mode: options.mode ?? ("ok" as DiscordMode),
    refuses: (_embed: PostedEmbed) => false,
    get embeds() {
      return messages.flatMap((message) => message.embeds);
    },
    get rateLimit() {
      return limiter.rateLimit;
    },
    set rateLimit(limit: DiscordRateLimit) {
      limiter.rateLimit = limit;
    },
    addWebhook,
    deleteWebhook(url: string) {
      const id = webhookId(new URL(url).pathname);
      if (id !== null) tokens.delete(id);
    },
  };
  const descriptors = Object.getOwnPropertyDescriptors(own);
  const sandbox = Object.defineProperties(server, descriptors) as HttpSandbox & typeof own;
  return sandbox;
}

/** The id in `/api/webhooks/<digits>/<token>`, with or without a version; null for other paths. */
function webhookId(path: string): string | null {
  return /^\/api(?:\/v\d+)?\/webhooks\/(\d+)\/[^/]+$/.exec(path)?.[1] ?? null;
}

function webhookView(id: string, token: string): Record<string, unknown> {
  const name = "Captain Hook";
  return {
    id,
    type: 1,
    name,
    avatar: null,
    channel_id: CHANNEL,
    guild_id: GUILD,
    application_id: null,
    token,
  };
}
