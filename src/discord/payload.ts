/** One field of an embed; neither text may be empty. */
export interface EmbedField {
  name: string;
  value: string;
  inline?: boolean;
}

/** The parts of an embed that are used here (Discord's documentation, "Embed Object"). */
export interface Embed {
  title: string;
  description?: string;
  color: number;
  fields?: EmbedField[];
  /** ISO 8601. */
  timestamp?: string;
}

/** The body of `POST <webhook>`. */
export interface WebhookPayload {
  username: string;
  /** Nothing in a message may ping anybody. */
  allowed_mentions: { parse: [] };
  embeds: Embed[];
}

/** Limits of Discord's documentation, in UTF-16 units. */
export const LIMITS = {
  embeds: 10,
  title: 256,
  description: 4096,
  fields: 25,
  fieldName: 256,
  fieldValue: 1024,
  /** Over all embeds of one message. */
  total: 6000,
} as const;

/** What an embed counts towards the limit of a message. */
export function embedLength(embed: Embed): number {
  const fields = (embed.fields ?? []).map((field) => field.name.length + field.value.length);
  return [embed.title.length, embed.description?.length ?? 0, ...fields].reduce((sum, n) => sum + n, 0);
}
