import type { World } from "./story.ts";

/** Refusals that are about the channel, the thread or the webhook's settings (facts, discord-webhooks). */
const CHANNEL = [50_083, 160_005, 160_006, 10_003, 200_000, 220_001, 220_003, 0];

/** How the webhook fares for some sweeps: `channel` holds Discord's code. */
type Webhook = "works" | "gone" | { readonly channel: number };

/** A Discord webhook, offered as a `fetch`. It keeps what it saved. */
export class DiscordModel {
  readonly messages: string[] = [];
  webhook: Webhook = "works";
  readonly #world: World;
  readonly #nameOf: (id: string) => readonly string[];
  /** Magnets whose notices are refused: in their full form, or in any. */
  readonly #refused = new Map<string, "full" | "any" | "never refused">();
  #blockedUntil = 0;

  /** `nameOf`: the names that magnets of this id have had. */
  constructor(world: World, nameOf: (id: string) => readonly string[]) {
    this.#world = world;
    this.#nameOf = nameOf;
  }

  breakChannel(): void {
    this.webhook = { channel: this.#world.story.discord.pick(CHANNEL) };
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const { story, time } = this.#world;
    const random = story.discord;
    const { signal } = request;
    signal.throwIfAborted();
    const text = request.method === "POST" ? await request.text() : "";
    await wait(random.between(20, 200), signal);
    if (time.now < this.#blockedUntil) return this.#tooMany((this.#blockedUntil - time.now) / 1000);
    if (this.webhook === "gone") return json(404, { code: 10_015, message: "Unknown Webhook" });
    if (request.method === "GET") return json(200, { id: "1", name: "magnets" });
    if (typeof this.webhook === "object") {
      return json(400, { code: this.webhook.channel, message: "refused for the channel's sake" });
    }
    const kind = story.firstThatStrikes(["Discord: 429", "Discord: 5xx", "Discord: hang"], random);
    if (kind === "Discord: 429") {
      const seconds = random.pick([0.3, 2.5, 2.5, 400]);
      this.#blockedUntil = time.now + seconds * 1000;
      return this.#tooMany(seconds);
    }
    if (kind === "Discord: 5xx") return json(random.pick([500, 502, 503]), {});
    if (kind === "Discord: hang") {
      if (random.chance(0.5)) this.#save(text, false);
      await wait(3_600_000, signal);
    }
    const refused = this.#idsOf(text).findIndex((id) => this.#refuses(id, text));
    if (refused >= 0) return blame(refused);
    if (story.strikes("Discord: saved, response lost", random)) {
      this.#save(text, false);
      if (random.chance(0.5)) return json(504, {});
      throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    }
    this.#save(text, true);
    return json(200, { id: String(this.messages.length) });
  };

  #tooMany(seconds: number): Response {
    const headers = { "retry-after": String(Math.ceil(seconds)), "x-ratelimit-remaining": "0" };
    return json(
      429,
      { message: "You are being rate limited.", retry_after: seconds, global: false },
      headers,
    );
  }

  #save(text: string, heard: boolean): void {
    this.messages.push(text);
    this.#world.log.add({ kind: "posted", ids: this.#idsOf(text), heard });
  }

  /** Every magnet that has ever been has an id of nine digits, which nothing else in a message has. */
  #idsOf(text: string): string[] {
    return [...new Set(text.match(/(?<![0-9a-z])4\d{8}(?![0-9a-z])/gi))];
  }

  #refuses(id: string, text: string): boolean {
    const { story, log } = this.#world;
    let form = this.#refused.get(id);
    if (form === undefined) {
      if (story.strikes("Discord: takes a notice in no form", story.discord, id)) form = "any";
      else if (story.strikes("Discord: blames a notice", story.discord, id)) form = "full";
      else form = "never refused";
      this.#refused.set(id, form);
      if (form === "any") log.add({ kind: "never posted", id });
    }
    // A magnet link or the torrent's name are a stranger's words.
    return (
      form === "any" ||
      (form === "full" && (text.includes("magnet:?") || this.#nameOf(id).some((name) => text.includes(name))))
    );
  }
}

function blame(index: number): Response {
  const errors = {
    embeds: { [index]: { title: { _errors: [{ code: "BASE_TYPE_BAD", message: "Not well formed" }] } } },
  };
  return json(400, { code: 50_035, message: "Invalid Form Body", errors });
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, ms);
  });
}
