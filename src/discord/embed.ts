import { humanSize } from "../core/human-size.ts";
import type { CapNotice, DeletionNotice, Notice } from "../core/notice.ts";
import { alertEmbed } from "./alert-embed.ts";
import { COLORS, LONGEST_ACCOUNT } from "./embed-style.ts";
import { timestamp, unixSeconds } from "./embed-time.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { type Embed, type EmbedField, LIMITS } from "./payload.ts";
import type { Texts } from "./texts.ts";

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
