import { alertCauseOf, PREMIUM_ENDING } from "../core/evidence.ts";
import { magnetLink } from "../core/magnet.ts";
import type { AlertNotice, CapNotice, DeletionNotice, Notice } from "../core/records.ts";
import { cleanText, humanSize, quoted } from "../core/text.ts";
import type { Text, Texts } from "./texts.ts";

/** The body of `POST <webhook>`. */
export type WebhookPayload = ReturnType<typeof payloadOf>;

/** The parts of an embed that are used here (Discord's documentation, "Embed Object"). */
interface Embed {
  readonly title: string;
  readonly description?: string;
  readonly color: number;
  /** Neither a name nor a value may be empty. */
  readonly fields?: readonly { readonly name: string; readonly value: string; readonly inline?: boolean }[];
  /** ISO 8601. */
  readonly timestamp?: string | undefined;
}

/** The colours of an embed's edge. */
const COLORS = { red: 0xe74c3c, amber: 0xf1c40f, green: 0x2ecc71, blue: 0x3498db } as const;

/** Limits of one message (Discord's documentation); `total` in UTF-16 units over all its embeds. */
const LIMITS = { embeds: 10, total: 6000 } as const;

/**
 * In UTF-16 units. Discord allows 256 for a title and 1,024 for a field's value; the others are ours, so that ten
 * embeds with usual texts share the 6,000 of a message.
 */
const LONGEST = { title: 256, account: 80, status: 200, code: 60 } as const;

/** Discord takes 25 fields; a person has two servers, or four. */
const MOST_ARRS = 15;

/** Puts as many of the first notices as fit into one message, an embed each; valid, whatever strangers wrote. */
export function buildMessage(notices: readonly Notice[], texts: Texts) {
  const embeds: Embed[] = [];
  let used = 0;
  for (const notice of notices.slice(0, LIMITS.embeds)) {
    const embed = embedOf(notice, texts);
    const { title, description = "", fields = [] } = embed;
    const shown = [title, description, ...fields.flatMap(({ name, value }) => [name, value])];
    used += shown.join("").length;
    if (used > LIMITS.total && embeds.length > 0) break;
    embeds.push(embed);
  }
  return { payload: payloadOf(embeds), count: embeds.length };
}

/** One notice in a line of ids, account and counts: for when Discord refuses it as an embed. */
export function plainMessage(notice: Notice, texts: Texts): WebhookPayload {
  if (notice.kind !== "deletion") return payloadOf([], embedOf(notice, texts).title);
  const parts = [
    texts.deletedTitle(texts.unnamed(notice.id)),
    `${texts.account}: ${escapeMarkdown(notice.account, LONGEST.account) || "?"}`,
    `${texts.failures}: ${notice.fails}/${notice.max_retries}`,
    ...(notice.response_lost ? [texts.responseLost] : []),
  ];
  return payloadOf([], parts.join(" · "));
}

/** The message that `test-webhook` posts. */
export function sampleMessage({ sample }: Texts): WebhookPayload {
  return payloadOf([textEmbed(sample, "blue")]);
}

/** Nothing in a message may ping anybody. */
function payloadOf(embeds: readonly Embed[], content?: string) {
  return { username: "magnets", allowed_mentions: { parse: [] }, content, embeds };
}

function embedOf(notice: Notice, texts: Texts): Embed {
  if (notice.kind === "deletion") return deletionEmbed(notice, texts);
  return notice.kind === "cap" ? capEmbed(notice, texts) : alertEmbed(notice, texts);
}

function textEmbed([title, description]: Text, color: keyof typeof COLORS, timestamp?: string): Embed {
  return { title, description, color: COLORS[color], timestamp };
}

function deletionEmbed(notice: DeletionNotice, texts: Texts): Embed {
  const frame = texts.deletedTitle("").length;
  const name = escapeMarkdown(notice.filename ?? "", LONGEST.title - frame) || texts.unnamed(notice.id);
  const link = magnetLink(notice.hash);
  const arrs = (notice.arrs ?? [])
    .slice(0, MOST_ARRS)
    .flatMap(({ name, outcome }) =>
      outcome === "not grabbed"
        ? []
        : field(escapeMarkdown(name, LONGEST.account) || "?", texts.arrs[outcome]),
    );
  return {
    title: texts.deletedTitle(name),
    ...(notice.response_lost && { description: texts.responseLost }),
    color: COLORS.red,
    fields: [
      ...field(texts.status, escapeMarkdown(notice.status_text || notice.status, LONGEST.status)),
      ...field(texts.failures, `${notice.fails}/${notice.max_retries}`),
      ...field(texts.failingSince, moment(notice.failing_since, "R")),
      ...field(texts.size, humanSize(notice.size, texts.sizeWords)),
      ...field(texts.account, escapeMarkdown(notice.account, LONGEST.account)),
      ...field(texts.id, notice.id),
      ...arrs,
      ...(link ? [{ name: texts.magnetLink, value: `\`${link}\`` }] : []),
    ],
    timestamp: notice.deleted_at,
  };
}

function capEmbed({ account, due, max_deletes, at }: CapNotice, texts: Texts): Embed {
  // For code, to be pasted. In code nothing can be escaped, so a name that would end it is left to the reader.
  const isPlain = cleanText(account, LONGEST.account) === account && !account.includes("`");
  const reset = isPlain ? quoted(account) : "ACCOUNT";
  return textEmbed(texts.cap(due, max_deletes, accountName(account), reset), "amber", at);
}

/** An account, or a Sonarr or Radarr, stopped working, soon will, or works again. */
function alertEmbed({ account, code, resolved, until, at }: AlertNotice, texts: Texts): Embed {
  const name = accountName(account);
  if (code === PREMIUM_ENDING) {
    const text = texts[resolved ? "premiumRenewed" : "premiumEnding"](name, moment(until, "D"));
    return textEmbed(text, resolved ? "green" : "amber", at);
  }
  const cause = alertCauseOf(code) ?? "other";
  const isArr = cause.startsWith("arr ");
  if (resolved) return textEmbed(texts[isArr ? "arrWorksAgain" : "worksAgain"](name), "green", at);
  const fields = isArr ? [] : field(texts.code, escapeMarkdown(code, LONGEST.code));
  return { ...textEmbed(texts.alerts[cause](name), "red", at), fields };
}

/** What follows the word for account in a sentence: of one without a name, its number (`Account 1`, `Compte 1`). */
function accountName(account: string): string {
  return escapeMarkdown(account.replace(/^account (?=\d+$)/, ""), LONGEST.account) || "?";
}

/** Discord refuses empty values, so a field without one is left out. */
function field(name: string, value: string | undefined) {
  return value ? [{ name, value, inline: true }] : [];
}

/** A time as Discord shows it in the reader's own form: a date, or relative to now. */
function moment(time: string | undefined, style: "D" | "R"): string | undefined {
  return time && `<t:${Math.floor(Date.parse(time) / 1000)}:${style}>`;
}

/** What Discord reads as formatting, links, mentions, emoji or times; "1." at the start of a line is a numbered list. */
const SPECIAL = /[\\*_~`|>#\-[\]()<:@]|(?<=^\d+)\./g;

/**
 * Makes an untrusted string plain for Discord: cleaned, markdown escaped, at most `maxLength` UTF-16 units with the
 * backslashes, and cut between characters. Not for places without markdown (footer, author) nor for a masked link's
 * label, where escapes don't work.
 */
export function escapeMarkdown(text: string, maxLength: number): string {
  // The extra unit distinguishes a string that was cut here from one that just fits.
  const clean = cleanText(text, maxLength + 1);
  let escaped = clean.replace(SPECIAL, "\\$&");
  for (let length = maxLength; escaped.length > maxLength; length--) {
    escaped = cleanText(`${clean}…`, length).replace(SPECIAL, "\\$&");
  }
  return escaped;
}
