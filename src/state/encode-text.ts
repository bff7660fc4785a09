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

/** How many bytes the text takes as UTF-8. */
export function textBytes(pieces: Iterable<string>): number {
  let bytes = 0;
  for (const piece of pieces) bytes += Buffer.byteLength(piece);
  return bytes;
}
