import type { HttpAnswer } from "./http-answer.ts";
import { transport } from "./transport.ts";

/** One request. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  /** Of `http:` or `https:`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Of the answer's body, unpacked. */
  readonly maxBodyBytes: number;
  /** Ends it at once, the body's reading included. */
  readonly signal: AbortSignal;
}

/** Loads what the first request needs; to be called where the program waits for something else anyway. */
export async function prepareExchange(): Promise<void> {
  await Promise.all([import("ky"), import("node:http")]);
}

/**
 * Does one request. ky is told to retry nothing and to wait for ever: attempts and deadlines are the callers',
 * who know what may be sent twice and bound the body's reading, too.
 * @throws RedirectError, BodyTooLargeError, BrokenAnswerError, or what the system says of the connection: that
 * error's message can hold the address, so it is not to be shown.
 */
export async function exchange(request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, headers, body, maxBodyBytes, signal } = request;
  const { default: ky } = await import("ky");
  let answer: HttpAnswer | undefined;
  await ky(url, {
    method,
    headers: { "user-agent": "magnets", ...headers },
    ...(body === undefined ? {} : { body }),
    redirect: "error",
    retry: 0,
    timeout: false,
    throwHttpErrors: false,
    fetch: async (input) => {
      answer = await transport(input as Request, { maxBodyBytes, signal });
      // Read already: packed into a Response and unpacked again, each body would take its memory thrice.
      return new Response(null, { status: answer.status });
    },
  });
  if (answer === undefined) throw new Error("ky sent nothing");
  return answer;
}
