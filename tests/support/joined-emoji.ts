/** Takes emoji that are joined to one (a family, a profession) out of a text: the joiners in them do no harm. */
export function withoutJoinedEmoji(text: string): string {
  return text.replace(JOINED, "");
}

const EMOJI = "\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?";
const JOINED = new RegExp(`${EMOJI}(?:\\u200d${EMOJI})+`, "gu");
