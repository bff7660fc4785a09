import { describe, expect, it } from "vitest";
import { encodeText, textBytes } from "../../src/state/encode-text.ts";

/** Copies each chunk, as a disk does: the next one may take its memory. */
function chunksOf(pieces: Iterable<string>): Buffer[] {
  return Array.from(encodeText(pieces), (chunk) => Buffer.from(chunk));
}

function* repeated(piece: string, times: number): Generator<string> {
  for (let i = 0; i < times; i++) yield piece;
}

describe("encodeText", () => {
  it.each([
    ["nothing", "", 0],
    ["one small piece", "a", 1],
    ["many small pieces", '  "403207307": {"fails":3},\n', 20_000],
    ["pieces of long characters", "é√𝄞", 20_000],
    ["lone surrogates", "\ud800,", 20_000],
    ["pieces larger than a chunk", "x√".repeat(50_000), 3],
  ])("makes the bytes of the whole text of %s", (_, piece, times) => {
    const whole = Buffer.from(piece.repeat(times));
    expect(Buffer.concat(chunksOf(repeated(piece, times))).equals(whole)).toBe(true);
    expect(textBytes(repeated(piece, times))).toBe(whole.length);
  });

  it("keeps small pieces together, and chunks small", () => {
    const sizes = chunksOf(repeated("0123456789", 20_000)).map(({ length }) => length);
    expect(sizes.length).toBeLessThanOrEqual(5);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024);
  });
});
