import type { Notice } from "../core/records.ts";
import { COLORS, type Embed, embedLength, embedOf, plainText } from "./embeds.ts";
import type { Texts } from "./texts.ts";

/** The body of `POST <webhook>`. */
export interface WebhookPayload {
  username: string;
  /** Nothing in a message may ping anybody. */
  allowed_mentions: { parse: [] };
  content?: string;
  embeds: readonly Embed[];
}

/** Limits of one message (Discord's documentation); `total` in UTF-16 units over all its embeds. */
const LIMITS = { embeds: 10, total: 6000 } as const;

/** Puts as many of the first notices as fit into one message, an embed each. `count` says how many those are. */
export function buildMessage(
  notices: readonly Notice[],
  texts: Texts,
): { readonly payload: WebhookPayload; readonly count: number } {
  const embeds: Embed[] = [];
  let used = 0;
  for (const notice of notices.slice(0, LIMITS.embeds)) {
    const embed = embedOf(notice, texts);
    used += embedLength(embed);
    if (used > LIMITS.total && embeds.length > 0) break;
    embeds.push(embed);
  }
  return { payload: payloadOf(embeds), count: embeds.length };
}

/** One notice in a line, with none of a stranger's words: for when Discord refuses it as an embed. */
export function plainMessage(notice: Notice, texts: Texts): WebhookPayload {
  return { ...payloadOf([]), content: plainText(notice, texts) };
}

/** The message that `test-webhook` posts. */
export function sampleMessage(texts: Texts): WebhookPayload {
  return payloadOf([{ title: texts.sampleTitle, description: texts.sampleBody, color: COLORS.blue }]);
}

function payloadOf(embeds: readonly Embed[]): WebhookPayload {
  return { username: "magnets", allowed_mentions: { parse: [] }, embeds };
}
