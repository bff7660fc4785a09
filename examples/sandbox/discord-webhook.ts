import type { Answer } from "./behaviour.ts";
import { formProblems, isEmptyMessage, nestedErrors } from "./discord-limits.ts";

/** An embed as it was posted. */
export type PostedEmbed = {
  title?: string;
  description?: string;
  url?: string;
  color?: number;
  timestamp?: string;
  fields?: { name: string; value: string; inline?: boolean }[];
  footer?: { text: string };
  author?: { name: string };
};

/** A message that the fake saved and would show in the channel. */
export type SavedMessage = {
  id: string;
  /** The webhook's address that it came by. */
  url: string;
  /** Arrival, monotonic milliseconds. */
  at: number;
  username: string;
  content: string;
  /** As shown: of several embeds with the same `url`, the first only. */
  embeds: PostedEmbed[];
  /** Whether `@everyone` or `@here` in the content would have called people. */
  pings: boolean;
  /** As it was posted. */
  payload: Record<string, unknown>;
};

/** What a post came to: the message to save, or the refusal. */
export type Verdict = { message: Omit<SavedMessage, "id" | "url" | "at"> } | { refusal: Answer };

/** Judges a post as Discord does. `refuses` names embeds that are refused for reasons of its own. */
export function judgePost(
  body: string,
  contentType: string,
  refuses: (embed: PostedEmbed) => boolean,
): Verdict {
  const payload = contentType.startsWith("application/json") ? parsed(body) : null;
  if (payload === null)
    return refusal(400, { message: "The request body contains invalid JSON.", code: 50109 });
  const problems = formProblems(payload);
  if (problems.length === 0 && isEmptyMessage(payload)) {
    return refusal(400, { message: "Cannot send an empty message", code: 50006 });
  }
  const embeds = (payload.embeds ?? []) as PostedEmbed[];
  if (problems.length === 0) {
    embeds.forEach((embed, index) => {
      if (refuses(embed))
        problems.push({ path: ["embeds", index], code: "SANDBOX_REFUSED", message: "Not wanted" });
    });
  }
  if (problems.length > 0) {
    return refusal(400, { message: "Invalid Form Body", code: 50035, errors: nestedErrors(problems) });
  }
  const content = String(payload.content ?? "");
  const username = String(payload.username ?? "Captain Hook");
  const pings = /@(everyone|here)/.test(content) && payload.allowed_mentions === undefined;
  return { message: { username, content, embeds: shown(embeds), pings, payload } };
}

function refusal(status: number, body: Record<string, unknown>): Verdict {
  return { refusal: { status, body: JSON.stringify(body) } };
}

/** Half a surrogate pair is no text, so it is no JSON that Discord could read. */
function parsed(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body, (_, item: unknown) => {
      if (typeof item === "string" && /\p{Cs}/u.test(item)) throw new SyntaxError("lone surrogate");
      return item;
    });
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function shown(embeds: readonly PostedEmbed[]): PostedEmbed[] {
  const isFirst = (embed: PostedEmbed, index: number) =>
    embed.url === undefined || embeds.findIndex((other) => other.url === embed.url) === index;
  return embeds.filter(isFirst);
}
