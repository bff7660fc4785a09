import { alertCauseOf, PREMIUM_ENDING } from "../core/alert-cause.ts";
import type { AlertNotice } from "../core/notice.ts";
import { COLORS, LONGEST_ACCOUNT } from "./embed-style.ts";
import { timestamp, unixSeconds } from "./embed-time.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import type { Embed } from "./payload.ts";
import type { Message, Texts } from "./texts.ts";

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
