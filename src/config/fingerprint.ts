import { createHash } from "node:crypto";

/** Names a secret without telling it: the first 16 hex digits of its SHA-256. */
export function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 16);
}
