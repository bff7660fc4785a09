import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Secrets that belong nowhere but where they are sent to; none is in a config that people read aloud. */
export const KEY = "C4n4ryK3y+of.th3_S3cr3t0~x";
export const ARR_KEY = "c4n4ry0123456789abcdef0123456789";
export const PING_TOKEN = "c4n4ry-ping-t0ken-9f8e7d";

/** Ways to write a secret down that give it away. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const url = encodeURIComponent(secret);
  // Of the three ways base64 can be aligned, the middle, which what stands around it does not change.
  const base64 = [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .slice(4, -4);
    return [text, text.replaceAll("+", "-").replaceAll("/", "_")];
  });
  return [
    secret,
    url,
    url.toLowerCase(),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("/", "\\/"),
    bytes.toString("hex"),
    createHash("sha256").update(secret).digest("hex"),
    ...base64,
  ];
}

/** Where a text gives one of the secrets away; nothing when it doesn't. */
export function leaks(text: string, secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) =>
    spellings(secret)
      .filter((spelling) => text.includes(spelling))
      .map((spelling) => text.slice(Math.max(0, text.indexOf(spelling) - 80)).slice(0, 200)),
  );
}

/** All files below a folder as one text, names included. */
export function allFiles(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => `${file}\n${readFileSync(file, "latin1")}`).join("\n");
}
