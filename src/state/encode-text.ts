import type { Hash } from "node:crypto";
import { loadCrypto } from "./load-crypto.ts";

/** Bytes of a chunk, unless a single piece takes more. */
const CHUNK = 64 * 1024;
/** The most bytes that UTF-8 takes for one UTF-16 unit. */
const PER_UNIT = 3;

/**
 * The text as UTF-8, in chunks, so that a file of megabytes takes no megabytes to write. A chunk is good until the
 * next one is asked for: they share their memory.
 *
 * @param pieces none may end inside a character.
 */
export function* encodeText(pieces: Iterable<string>): Generator<Uint8Array> {
  const chunk = Buffer.allocUnsafe(CHUNK);
  let used = 0;
  for (const piece of pieces) {
    const most = PER_UNIT * piece.length;
    if (used + most > CHUNK && used > 0) {
      yield chunk.subarray(0, used);
      used = 0;
    }
    if (most > CHUNK) yield Buffer.from(piece);
    else used += chunk.write(piece, used);
  }
  if (used > 0) yield chunk.subarray(0, used);
}

/** A hash that tells one text from another, so that none need be kept to be compared. */
export function textHash(): Hash {
  return loadCrypto().createHash("sha256");
}

/** The same chunks; each goes into the hash on its way. */
export function* hashed(chunks: Iterable<Uint8Array>, hash: Hash): Generator<Uint8Array> {
  for (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** How long a text is, and its hash. */
export function measureText(pieces: Iterable<string>): { readonly bytes: number; readonly digest: string } {
  const hash = textHash();
  let bytes = 0;
  for (const chunk of hashed(encodeText(pieces), hash)) bytes += chunk.byteLength;
  return { bytes, digest: hash.digest("hex") };
}
