import { alertCauseOf, PREMIUM_ENDING } from "../core/evidence.ts";
import type { AlertNotice, CapNotice, DeletionNotice, Notice } from "../core/records.ts";
import { cleanText, humanSize, quoted } from "../core/text.ts";
import type { Texts } from "./texts.ts";

/** The body of `POST <webhook>`. */
export interface WebhookPayload {
  username: string;
  /** Nothing in a message may ping anybody. */
  allowed_mentions: { parse: [] };
  content?: string;
  embeds: readonly Embed[];
}

/** The parts of an embed that are used here (Discord's documentation, "Embed Object"). */
interface Embed {
  readonly title: string;
  readonly description?: string;
  readonly color: number;
  /** Neither a name nor a value may be empty. */
  readonly fields?: readonly { readonly name: string; readonly value: string; readonly inline?: boolean }[];
  /** ISO 8601. */
  readonly timestamp?: string;
}

/** The colours of an embed's edge. */
const COLORS = { red: 0xe74c3c, amber: 0xf1c40f, green: 0x2ecc71, blue: 0x3498db } as const;

/** Limits of one message (Discord's documentation); `total` in UTF-16 units over all its embeds. */
const LIMITS = { embeds: 10, total: 6000 } as const;

/**
 * In UTF-16 units. Discord allows 256 for a title and 1,024 for a field's value; the others are ours, so that ten
 * embeds with usual texts share the 6,000 of a message.
 */
const LONGEST = { title: 256, account: 80, status: 200, id: 40, code: 60 } as const;

/** Discord takes 25 fields; a person has two servers, or four. */
const MOST_ARRS = 15;

/** Puts as many of the first notices as fit into one message, an embed each; whatever they hold, it is valid. */
export function buildMessage(
  notices: readonly Notice[],
  texts: Texts,
): { readonly payload: WebhookPayload; readonly count: number } {
  const embeds: Embed[] = [];
  let used = 0;
  for (const notice of notices.slice(0, LIMITS.embeds)) {
    const embed = embedOf(notice, texts);
    used += lengthOf(embed);
    if (used > LIMITS.total && embeds.length > 0) break;
    embeds.push(embed);
  }
  return { payload: payloadOf(embeds), count: embeds.length };
}

/** What an embed counts towards the limit of a message. */
function lengthOf({ title, description = "", fields = [] }: Embed): number {
  const texts = [title, description, ...fields.flatMap(({ name, value }) => [name, value])];
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** One notice in a line of ids, account and counts: for when Discord refuses it as an embed. */
export function plainMessage(notice: Notice, texts: Texts): WebhookPayload {
  const payload = payloadOf([]);
  if (notice.kind !== "deletion") return { ...payload, content: embedOf(notice, texts).title };
  const parts = [
    texts.deletedTitle(texts.unnamed(escapeMarkdown(notice.id, LONGEST.id) || "?")),
    `${texts.account}: ${escapeMarkdown(notice.account, LONGEST.account) || "?"}`,
    `${texts.failures}: ${notice.fails}/${notice.max_retries}`,
    ...(notice.response_lost ? [texts.responseLost] : []),
  ];
  return { ...payload, content: parts.join(" · ") };
}

/** The message that `test-webhook` posts. */
export function sampleMessage(texts: Texts): WebhookPayload {
  return payloadOf([{ title: texts.sampleTitle, description: texts.sampleBody, color: COLORS.blue }]);
}

function payloadOf(embeds: readonly Embed[]): WebhookPayload {
  return { username: "magnets", allowed_mentions: { parse: [] }, embeds };
}

function embedOf(notice: Notice, texts: Texts): Embed {
  if (notice.kind === "deletion") {
    return { ...deletionEmbed(notice, texts), ...timestamp(notice.deleted_at) };
  }
  const embed = notice.kind === "cap" ? capEmbed(notice, texts) : alertEmbed(notice, texts);
  return { ...embed, ...timestamp(notice.at) };
}

function deletionEmbed(notice: DeletionNotice, texts: Texts): Embed {
  const id = escapeMarkdown(notice.id, LONGEST.id) || "?";
  const frame = texts.deletedTitle("").length;
  const name = escapeMarkdown(notice.filename ?? "", LONGEST.title - frame) || texts.unnamed(id);
  const since = milliseconds(notice.failing_since);
  const link = magnetLink(notice);
  const arrs = (notice.arrs ?? []).slice(0, MOST_ARRS).flatMap(({ name, outcome }) => {
    if (outcome === "not grabbed") return [];
    return field(escapeMarkdown(name, LONGEST.account) || "?", texts.arrs[outcome]);
  });
  return {
    title: texts.deletedTitle(name),
    ...(notice.response_lost && { description: texts.responseLost }),
    color: COLORS.red,
    fields: [
      ...field(texts.status, escapeMarkdown(notice.status_text || notice.status, LONGEST.status)),
      ...field(texts.failures, `${notice.fails}/${notice.max_retries}`),
      ...field(texts.failingSince, since === undefined ? undefined : `<t:${Math.floor(since / 1000)}:R>`),
      ...field(texts.size, humanSize(notice.size, texts.sizeWords)),
      ...field(texts.account, escapeMarkdown(notice.account, LONGEST.account)),
      ...field(texts.id, id),
      ...arrs,
      ...(link ? [{ name: texts.magnetLink, value: `\`${link}\`` }] : []),
    ],
  };
}

/** A link made of nothing but a valid info hash: 40 hex digits, or 32 of base32 (BEP 9). */
function magnetLink(notice: DeletionNotice): string | undefined {
  const linked = /^magnet:\?xt=urn:btih:([0-9a-z]+)/i.exec(notice.magnet ?? "")?.[1];
  const hash = [notice.hash, linked].find((text) => /^([0-9a-f]{40}|[a-z2-7]{32})$/i.test(text ?? ""));
  return hash && `magnet:?xt=urn:btih:${hash}`;
}

function capEmbed({ account, due, max_deletes: maxDeletes }: CapNotice, texts: Texts): Embed {
  const clean = cleanText(account);
  const isPlain = clean === account && account !== "" && account.length <= LONGEST.account;
  // For code, to be pasted. In code nothing can be escaped, so a name that would end it is left to the reader.
  const reset = isPlain && !account.includes("`") ? quoted(account) : "ACCOUNT";
  return {
    title: texts.capTitle(due),
    description: texts.capBody({ due, maxDeletes, account: accountName(account), reset }),
    color: COLORS.amber,
  };
}

/** An account, or a Sonarr or Radarr, stopped working, soon will, or works again. */
function alertEmbed(notice: AlertNotice, texts: Texts): Embed {
  const account = accountName(notice.account);
  if (notice.code === PREMIUM_ENDING) {
    const at = milliseconds(notice.until);
    const until = at === undefined ? undefined : `<t:${Math.floor(at / 1000)}:D>`;
    const { title, body } = texts[notice.resolved ? "premiumRenewed" : "premiumEnding"](account, until);
    return { title, description: body, color: notice.resolved ? COLORS.green : COLORS.amber };
  }
  const cause = alertCauseOf(notice.code) ?? "other";
  const isArr = cause.startsWith("arr ");
  if (notice.resolved) {
    const { title, body } = texts[isArr ? "arrWorksAgain" : "worksAgain"](account);
    return { title, description: body, color: COLORS.green };
  }
  const { title, advice } = texts.alerts[cause];
  // The code is AllDebrid's.
  const fields = isArr ? [] : field(texts.code, escapeMarkdown(notice.code, LONGEST.code));
  return {
    title: title(account),
    description: advice,
    color: COLORS.red,
    ...(fields.length > 0 && { fields }),
  };
}

/** What follows the word for account in a sentence: of one without a name, its number (`Account 1`, `Compte 1`). */
function accountName(account: string): string {
  return escapeMarkdown(account.replace(/^account (?=\d+$)/, ""), LONGEST.account) || "?";
}

/** Discord refuses empty values, so a field without one is left out. */
function field(name: string, value: string | undefined) {
  return value ? [{ name, value, inline: true }] : [];
}

/** An embed's `timestamp`; left out for what is not a time. */
function timestamp(time: string): Pick<Embed, "timestamp"> {
  const at = milliseconds(time);
  return at === undefined ? {} : { timestamp: new Date(at).toISOString() };
}

/** Milliseconds since the epoch; `undefined` for a year outside 1970–9999, which Discord refuses. */
function milliseconds(time = ""): number | undefined {
  const at = Date.parse(time);
  return at >= 0 && at < Date.UTC(10_000, 0) ? at : undefined;
}

/** What Discord reads as formatting, links, mentions, emoji or times. */
const SPECIAL = /[\\*_~`|>#\-[\]()<:@]/;

/** Two characters that are parts of one emoji. */
function isJoined(left: string, right: string): boolean {
  return left === "\u200d" || /^[\u200d\ufe0f\u{1f3fb}-\u{1f3ff}]/u.test(right);
}

/**
 * Makes an untrusted string plain for Discord: cleaned, markdown escaped, at most `maxLength` UTF-16 units
 * with the backslashes, cut between characters and never between a backslash and what it escapes. Not for
 * places without markdown (footer, author) nor for a masked link's label, where escapes don't work.
 */
export function escapeMarkdown(text: string, maxLength: number): string {
  // The extra unit distinguishes a string that was cut here from one that just fits.
  const clean = cleanText(text, maxLength + 1);
  const dot = /^\d+(?=\.)/.exec(clean)?.[0].length;
  const pieces: string[] = [];
  let index = 0;
  let length = 0;
  for (const character of clean) {
    // "1." at the start of a line is a numbered list.
    const piece = SPECIAL.test(character) || index === dot ? `\\${character}` : character;
    index += character.length;
    length += piece.length;
    pieces.push(piece);
  }
  if (length <= maxLength) return pieces.join("");
  let cut = "";
  while (pieces.length > 0 && (length > maxLength - 1 || isJoined(pieces.at(-1) ?? "", cut))) {
    cut = pieces.pop() ?? "";
    length -= cut.length;
  }
  return `${pieces.join("").trimEnd()}…`;
}
