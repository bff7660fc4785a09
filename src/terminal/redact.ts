/** What stands in place of a secret. */
const REDACTED = "[secret]";

/** Takes secrets out of any string: the last line of defence of everything that is printed. */
export type Redactor = ReturnType<typeof createRedactor>;

/** Replacing "a" everywhere would hide nothing and spoil everything. */
const SHORTEST_SECRET = 4;
const SHORTEST_TOKEN = 8;
const SHORTEST_BASE64 = 8;

/** Makes a redactor that knows these secrets: raw, URL-encoded, JSON-escaped and in base64. */
export function createRedactor(secrets: Iterable<string> = []) {
  let forms: string[] = [];
  let pattern: RegExp | undefined;
  const add = (secret: string): void => {
    const parts = [secret, ...secretParts(secret)].filter(({ length }) => length >= SHORTEST_SECRET);
    // The longest first, so that a URL goes as a whole and not only its token.
    forms = [...new Set([...forms, ...parts.flatMap(encodings)])].sort((a, b) => b.length - a.length);
    if (forms.length > 0) pattern = new RegExp(forms.map(escapeRegExp).join("|"), "g");
  };
  for (const secret of secrets) add(secret);
  return {
    /** Makes one more secret known. The path and the tokens of a URL are secrets, too. */
    add,
    /** Replaces every known secret, however encoded, by `[secret]`. */
    redact: (text: string) => (pattern ? text.replace(pattern, REDACTED) : text),
  };
}

/** The parts of a URL that would do as well as the whole: its path, the tokens in path and query. */
function secretParts(secret: string): string[] {
  if (!/^https?:\/\//i.test(secret) || !URL.canParse(secret)) return [];
  const url = new URL(secret);
  const tokens = [...url.pathname.split("/"), ...url.searchParams.values(), url.password, url.hash.slice(1)];
  const path = url.pathname.length > SHORTEST_TOKEN ? [url.pathname] : [];
  return [url.href, ...path, ...tokens.filter(looksSecret)];
}

/** Words such as `webhooks` are not secrets, and neither is a webhook's number. */
function looksSecret(part: string): boolean {
  if (part.length < SHORTEST_TOKEN || /^\d+$/.test(part)) return false;
  return part.length >= 20 || !/^[a-z]+([-_.][a-z]+)*$/.test(part);
}

function encodings(secret: string): string[] {
  const url = encodeURIComponent(secret.replace(/\p{Cs}/gu, "\ufffd"));
  const form = new URLSearchParams([["", secret]]).toString().slice(1);
  // Some programs write %2f and not %2F.
  const small = [url, form].map((text) => text.replace(/%../g, (code) => code.toLowerCase()));
  const json = JSON.stringify(secret).slice(1, -1);
  // PHP escapes slashes.
  const php = json.replaceAll("/", "\\/");
  return [secret, url, form, ...small, json, php, ...base64Forms(Buffer.from(secret, "utf8"))];
}

/**
 * A secret's base64 when 0, 1 or 2 bytes (mod 3) stand before it: three alignments give three texts. Only the characters
 * that the secret alone decides are kept.
 */
function base64Forms(secret: Buffer): string[] {
  const forms = [0, 1, 2].flatMap((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), secret]);
    const first = Math.ceil((offset * 8) / 6);
    const end = Math.floor((whole.length * 8) / 6);
    return [whole.toString("base64").slice(first, end), whole.toString("base64url").slice(first, end)];
  });
  return forms.filter((text) => text.length >= SHORTEST_BASE64);
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
