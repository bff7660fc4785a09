import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { BodyTooLargeError, BrokenAnswerError } from "./errors.ts";

/**
 * Reads a body, unpacked, up to `maxBytes`: a server can't fill the memory with an endless one or with a
 * small one that unpacks to gigabytes.
 * @throws BodyTooLargeError, BrokenAnswerError
 */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<string> {
  // Piece by piece, so that a long body is not there as bytes and as text at once.
  const decoder = new StringDecoder("utf8");
  let text = "";
  let size = 0;
  try {
    for await (const chunk of await unpacked(message)) {
      size += chunk.byteLength;
      if (size > maxBytes) throw new BodyTooLargeError();
      text += decoder.write(chunk);
    }
  } catch (error) {
    message.destroy();
    throw error instanceof BodyTooLargeError ? error : new BrokenAnswerError();
  }
  return text + decoder.end();
}

async function unpacked(message: IncomingMessage): Promise<Readable> {
  const encoding = message.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || encoding === "") return message;
  if (encoding !== "gzip" && encoding !== "x-gzip") throw new BrokenAnswerError();
  const { createGunzip } = await import("node:zlib");
  // What went wrong with either of them reaches the reader.
  return pipeline(message, createGunzip(), () => {});
}
