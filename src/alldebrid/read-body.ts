/** A body larger than allowed; reading ended there. */
export class BodyTooLargeError extends Error {}

/**
 * Reads a body, unpacked, up to `maxBytes`: a server can't fill the memory with an endless one or with a
 * small one that unpacks to gigabytes.
 * @throws BodyTooLargeError, or what fetch throws when the connection breaks off.
 */
export async function readBody(response: Response, maxBytes: number): Promise<string> {
  if (!response.body) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw new BodyTooLargeError();
    }
    text += decoder.decode(value, { stream: true });
  }
}
