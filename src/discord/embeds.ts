import { alertCauseOf, PREMIUM_ENDING } from "../core/evidence.ts";
import type { AlertNotice, CapNotice, DeletionNotice, Notice } from "../core/records.ts";
import { cleanText, humanSize } from "../core/text.ts";
import { type Embed, type EmbedField, LIMITS } from "./payload.ts";
import type { Message, Texts } from "./texts.ts";

/** The colours of an embed's edge. */
export const COLORS = { red: 0xe74c3c, amber: 0xf1c40f, green: 0x2ecc71, blue: 0x3498db } as const;

/** The longest name of an account that is shown, in UTF-16 units. */
export const LONGEST_ACCOUNT = 80;

/** A moment in Unix seconds, as Discord's `<t:…>` takes it; `undefined` for what is none. */
export function unixSeconds(time: string | undefined): number | undefined {
  const milliseconds = sensibleTime(time);
  return milliseconds === undefined ? undefined : Math.floor(milliseconds / 1000);
}

/** An embed's `timestamp`; left out for what is no time. */
export function timestamp(time: string): { timestamp?: string } {
  const milliseconds = sensibleTime(time);
  return milliseconds === undefined ? {} : { timestamp: new Date(milliseconds).toISOString() };
}

/** Years outside 1970–9999 are no times that Discord takes. */
function sensibleTime(time: string | undefined): number | undefined {
  const milliseconds = Date.parse(time ?? "");
  return milliseconds >= 0 && milliseconds < Date.UTC(10_000, 0) ? milliseconds : undefined;
}

/** What Discord reads as formatting, links, mentions, emoji or times. */
const SPECIAL = /[\\*_~`|>#\-[\]()<:@]/;

/**
 * Makes a stranger's text plain for Discord: cleaned, markdown escaped, at most `maxLength` UTF-16 units
 * with the backslashes, cut between characters and never between a backslash and what it escapes. Not for
 * places without markdown (footer, author) nor for a masked link's label, where escapes don't work.
 */
export function escapeMarkdown(text: string, maxLength: number): string {
  // The extra unit tells a text that was cut here from one that just fits.
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
  while (pieces.length > 0 && length > maxLength - 1) length -= pieces.pop()?.length ?? 0;
  return `${pieces.join("").trimEnd()}…`;
}

/** In UTF-16 units. */
const LONGEST_CODE = 60;

/** Draws the alert that an account stopped working, soon will, or works again. */
export function alertEmbed(notice: AlertNotice, texts: Texts): Embed {
  const account = escapeMarkdown(notice.account, LONGEST_ACCOUNT) || "?";
  const ending = notice.code === PREMIUM_ENDING;
  const { title, body } = messageOf(notice, account, texts);
  const code = ending || notice.resolved ? "" : escapeMarkdown(notice.code, LONGEST_CODE);
  return {
    title,
    description: body,
    color: notice.resolved ? COLORS.green : ending ? COLORS.amber : COLORS.red,
    ...(code ? { fields: [{ name: texts.code, value: code, inline: true }] } : {}),
    ...timestamp(notice.at),
  };
}

function messageOf(notice: AlertNotice, account: string, texts: Texts): Message {
  if (notice.code === PREMIUM_ENDING) {
    const seconds = unixSeconds(notice.until);
    const until = seconds === undefined ? undefined : `<t:${seconds}:D>`;
    return notice.resolved ? texts.premiumRenewed(account, until) : texts.premiumEnding(account, until);
  }
  if (notice.resolved) return texts.worksAgain(account);
  const { title, advice } = texts.alerts[alertCauseOf(notice.code) ?? "other"];
  return { title: title(account), body: advice };
}

/** In UTF-16 units; ten embeds with usual texts share the 6,000 of a message. */
const LONGEST_STATUS = 200;
const LONGEST_ID = 40;

/** Draws one notice as an embed within Discord's limits; whatever its texts hold, it stays valid. */
export function embedOf(notice: Notice, texts: Texts): Embed {
  switch (notice.kind) {
    case "deletion":
      return deletionEmbed(notice, texts);
    case "cap":
      return capEmbed(notice, texts);
    case "alert":
      return alertEmbed(notice, texts);
  }
}

function deletionEmbed(notice: DeletionNotice, texts: Texts): Embed {
  const id = escapeMarkdown(notice.id, LONGEST_ID) || "?";
  const frame = texts.deletedTitle("").length;
  const name = escapeMarkdown(notice.filename ?? "", LIMITS.title - frame) || texts.unnamed(id);
  const since = unixSeconds(notice.failing_since);
  const link = magnetLink(notice);
  return {
    title: texts.deletedTitle(name),
    color: COLORS.red,
    fields: [
      ...field(texts.status, escapeMarkdown(notice.status_text || notice.status, LONGEST_STATUS)),
      ...field(texts.failures, `${notice.fails}/${notice.max_retries}`),
      ...field(texts.failingSince, since === undefined ? undefined : `<t:${since}:R>`),
      ...field(texts.size, humanSize(notice.size, texts.sizeWords)),
      ...field(texts.account, escapeMarkdown(notice.account, LONGEST_ACCOUNT)),
      ...field(texts.id, id),
      ...(link ? [{ name: texts.magnetLink, value: `\`${link}\`` }] : []),
    ],
    ...timestamp(notice.deleted_at),
  };
}

function capEmbed(notice: CapNotice, texts: Texts): Embed {
  const account = escapeMarkdown(notice.account, LONGEST_ACCOUNT) || "?";
  return {
    title: texts.capTitle(notice.due),
    description: texts.capBody({ due: notice.due, maxDeletes: notice.max_deletes, account }),
    color: COLORS.amber,
    ...timestamp(notice.at),
  };
}

/** Discord refuses empty values, so a field without one is left out. */
function field(name: string, value: string | undefined): EmbedField[] {
  return value ? [{ name, value, inline: true }] : [];
}

/** A link made of nothing but a valid info hash: 40 hex digits, or 32 of base32 (BEP 9). */
function magnetLink(notice: DeletionNotice): string | undefined {
  const linked = /^magnet:\?xt=urn:btih:([0-9a-z]+)/i.exec(notice.magnet ?? "")?.[1];
  const hash = [notice.hash, linked].find((text) => /^([0-9a-f]{40}|[a-z2-7]{32})$/i.test(text ?? ""));
  return hash && `magnet:?xt=urn:btih:${hash}`;
}
