import { alertCauseOf, PREMIUM_ENDING } from "../core/evidence.ts";
import { quoted } from "../core/note-health.ts";
import type { AlertNotice, CapNotice, DeletionNotice, Notice } from "../core/records.ts";
import { cleanText, humanSize } from "../core/text.ts";
import type { Texts } from "./texts.ts";

/** One field of an embed; neither string may be empty. */
interface EmbedField {
  readonly name: string;
  readonly value: string;
  readonly inline?: boolean;
}

/** The parts of an embed that are used here (Discord's documentation, "Embed Object"). */
export interface Embed {
  readonly title: string;
  readonly description?: string;
  readonly color: number;
  readonly fields?: readonly EmbedField[];
  /** ISO 8601. */
  readonly timestamp?: string;
}

/** What an embed counts towards the limit of a message. */
export function embedLength({ title, description = "", fields = [] }: Embed): number {
  return fields.reduce(
    (sum, { name, value }) => sum + name.length + value.length,
    title.length + description.length,
  );
}

/** The colours of an embed's edge. */
export const COLORS = { red: 0xe74c3c, amber: 0xf1c40f, green: 0x2ecc71, blue: 0x3498db } as const;

/**
 * In UTF-16 units. Discord allows 256 for a title and 1,024 for a field's value; the others are ours, so that ten
 * embeds with usual texts share the 6,000 of a message.
 */
const LONGEST = { title: 256, account: 80, status: 200, id: 40, code: 60 } as const;

/** Draws one notice as an embed within Discord's limits; whatever its texts hold, it stays valid. */
export function embedOf(notice: Notice, texts: Texts): Embed {
  const time = notice.kind === "deletion" ? notice.deleted_at : notice.at;
  return { ...drawn(notice, texts), ...timestamp(time) };
}

function drawn(notice: Notice, texts: Texts): Embed {
  switch (notice.kind) {
    case "deletion":
      return deletionEmbed(notice, texts);
    case "cap":
      return capEmbed(notice, texts);
    case "alert":
      return alertEmbed(notice, texts);
  }
}

/** The line that stands for a notice where its embed is refused: ids, account and counts only. */
export function plainText(notice: Notice, texts: Texts): string {
  if (notice.kind !== "deletion") return drawn(notice, texts).title;
  const id = escapeMarkdown(notice.id, LONGEST.id) || "?";
  const account = escapeMarkdown(notice.account, LONGEST.account) || "?";
  return [
    texts.deletedTitle(texts.unnamed(id)),
    `${texts.account}: ${account}`,
    `${texts.failures}: ${notice.fails}/${notice.max_retries}`,
    ...(notice.response_lost ? [texts.responseLost] : []),
  ].join(" · ");
}

function deletionEmbed(notice: DeletionNotice, texts: Texts): Embed {
  const id = escapeMarkdown(notice.id, LONGEST.id) || "?";
  const frame = texts.deletedTitle("").length;
  const name = escapeMarkdown(notice.filename ?? "", LONGEST.title - frame) || texts.unnamed(id);
  const since = milliseconds(notice.failing_since);
  const link = magnetLink(notice);
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
      ...(notice.arrs ?? [])
        .slice(0, MOST_ARRS)
        .flatMap(({ name, outcome }) =>
          outcome === "not grabbed"
            ? []
            : field(escapeMarkdown(name, LONGEST.account) || "?", texts.arrs[outcome]),
        ),
      ...(link ? [{ name: texts.magnetLink, value: `\`${link}\`` }] : []),
    ],
  };
}

/** Discord takes 25 fields; a person has two servers, or four. */
const MOST_ARRS = 15;

/** What follows the word for account in a sentence: of one without a name, its number (`Account 1`, `Compte 1`). */
function accountName({ account }: Notice): string {
  return escapeMarkdown(account.replace(/^account (?=\d+$)/, ""), LONGEST.account) || "?";
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

function capEmbed(notice: CapNotice, texts: Texts): Embed {
  const account = accountName(notice);
  return {
    title: texts.capTitle(notice.due),
    description: texts.capBody({
      due: notice.due,
      maxDeletes: notice.max_deletes,
      account,
      reset: resetWords(notice.account),
    }),
    color: COLORS.amber,
  };
}

/** For code, to be pasted. In code nothing can be escaped, so a name that would end it is left to the reader. */
function resetWords(account: string): string {
  const clean = cleanText(account);
  const isPlain = clean === account && account !== "" && account.length <= LONGEST.account;
  return isPlain && !account.includes("`") ? quoted(account) : "ACCOUNT";
}

/** An account, or a Sonarr or Radarr, stopped working, soon will, or works again. */
function alertEmbed(notice: AlertNotice, texts: Texts): Embed {
  const account = accountName(notice);
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
    ...(fields.length > 0 ? { fields } : {}),
  };
}

/** An embed's `timestamp`; left out for what is not a time. */
function timestamp(time: string): { timestamp?: string } {
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
