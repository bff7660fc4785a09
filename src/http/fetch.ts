import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Options } from "ky";
import { createProxyAgent, findProxy, type HttpProxy, isLocalHost } from "./proxy.ts";

/** `fetch` as ky calls it: with a `Request`. */
export type Fetch = NonNullable<Options["fetch"]>;

/** Bytes of a body, unpacked. The largest real one is a list of 1,000 magnets: half a megabyte. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** The longest that a connection may take until a request can go over it: names, addresses, proxy and TLS. */
const CONNECT_MS = 12_000;

/**
 * Of every connection. Node gives each address of a name but the last one 250 ms, which lines by satellite or mobile
 * phone need for a single packet; and Node 18 keeps no connection alive unless asked. Servers close idle ones after
 * five seconds or more: `timeout` closes them first, so that hardly a request meets one that is going.
 */
const CONNECTION = {
  keepAlive: true,
  timeout: 4_000,
  autoSelectFamily: true,
  autoSelectFamilyAttemptTimeout: 3_000,
};

export const REDIRECTS = [301, 302, 303, 307, 308];
/** With these, a `Response` takes no body. */
const WITHOUT_BODY = [204, 205, 304];

/** What is known of a failed request. */
interface FetchDetails {
  /** The addresses that the host's name led to, if it had to be looked up and is not one of this network. */
  readonly addresses?: readonly string[];
  /** The proxy on the way to which it happened. */
  readonly proxy?: HttpProxy | undefined;
  /** The proxy's own status. */
  readonly status?: number;
}

/** The response to a request did not come, or not as it should. `cause` is what the system said. */
export class FetchError extends Error {
  override name = "FetchError";
  /**
   * `no connection`: none in time. `proxy`: the proxy refused (`status`). `broken`: the response was cut off, or is not
   * what its headers say.
   */
  readonly reason: "connection" | "no connection" | "proxy" | "redirect" | "too large" | "broken";
  readonly details: FetchDetails;

  constructor(reason: FetchError["reason"], { cause, ...details }: ErrorOptions & FetchDetails = {}) {
    super(reason, { cause });
    this.reason = reason;
    this.details = details;
  }
}

/**
 * Makes what ky sends its requests through in place of the global `fetch`, which costs a run 70 ms and 40 MB: Node's
 * own HTTP client, directly or through the proxy that the environment names. The whole body is read before it returns,
 * so that ky's timeout bounds it, too. No redirect is followed, since secrets have no business elsewhere; one is returned
 * to a request that asks for it (`redirect: "manual"`). It throws a `FetchError`, a `ProxyError`, or the reason of the
 * request's signal once that is aborted.
 */
export function createFetch(
  env: NodeJS.ProcessEnv = process.env,
  { connectMs = CONNECT_MS, keepAlive = true } = {},
): Fetch {
  const agentFor = createAgents(env, { ...CONNECTION, keepAlive });
  return async (input) => {
    const request = input instanceof Request ? input : new Request(input);
    const { signal } = request;
    signal.throwIfAborted();
    const stop = new AbortController();
    const onAbort = () => stop.abort();
    signal.addEventListener("abort", onAbort);
    try {
      const message = await send(request, agentFor, stop.signal, connectMs);
      const { statusCode: status = 0 } = message;
      if (REDIRECTS.includes(status) && request.redirect !== "manual") throw new FetchError("redirect");
      const body = await readBody(message);
      // Such as 999.
      if (status < 200 || status > 599) throw new FetchError("broken");
      const headers = new Headers();
      for (const [name, value] of Object.entries(message.headers)) headers.set(name, String(value));
      return new Response(WITHOUT_BODY.includes(status) ? null : body, { status, headers });
    } catch (error) {
      // Ends the connection, and one to a proxy that is still being made.
      stop.abort();
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  };
}

/** Makes the function that finds the agent for a URL and the proxy that it leads through; agents keep connections. */
function createAgents(env: NodeJS.ProcessEnv, connection: typeof CONNECTION) {
  const agents = new Map<string, http.Agent | Promise<http.Agent>>();
  const create = ({ protocol }: URL, proxy: HttpProxy | undefined) => {
    if (proxy) return createProxyAgent(proxy, protocol, connection);
    return protocol === "http:" ? new http.Agent(connection) : new https.Agent(connection);
  };
  return async (url: URL) => {
    const proxy = findProxy(url, env);
    const key = `${url.protocol} ${proxy?.url.href}`;
    const agent = agents.get(key) ?? create(url, proxy);
    agents.set(key, agent);
    return { agent: await agent, proxy };
  };
}

/** Sends a request; returns once the head of its response is there. `signal` ends it, its connection included. */
async function send(
  request: Request,
  agentFor: ReturnType<typeof createAgents>,
  signal: AbortSignal,
  connectMs: number,
): Promise<http.IncomingMessage> {
  const { method } = request;
  const url = new URL(request.url);
  const isTls = url.protocol === "https:";
  const body = Buffer.from(await request.arrayBuffer());
  const { agent, proxy } = await agentFor(url);
  const headers = { "accept-encoding": "gzip", ...Object.fromEntries(request.headers) };
  let connecting: NodeJS.Timeout | undefined;
  try {
    return await new Promise<http.IncomingMessage>((resolve, reject) => {
      const addresses: string[] = [];
      /** Until the connection stands. */
      let onTheWay = proxy;
      const fail = (reason: FetchError["reason"], more: ErrorOptions & FetchDetails = {}) =>
        reject(new FetchError(reason, { addresses, proxy: onTheWay, ...more }));
      const onReady = () => {
        clearTimeout(connecting);
        onTheWay = undefined;
      };
      connecting = setTimeout(fail, connectMs, "no connection");

      const options = { method, headers, agent, signal, stopping: signal };
      const sent = (isTls ? https : http).request(url, options, resolve);
      sent.on("socket", (socket: Socket) => {
        if (sent.reusedSocket || (proxy && !isTls)) return onReady();
        socket.once(isTls ? "secureConnect" : "connect", onReady);
        if (isLocalHost(url.hostname)) return;
        socket.on("lookup", (error, address) => void (error ?? addresses.push(address)));
      });
      sent.on("proxyConnect", ({ statusCode: status = 0 }: { statusCode?: number }) => {
        if (status === 200) onTheWay = undefined;
        else fail("proxy", { status });
      });
      sent.on("error", (cause) => fail("connection", { cause }));
      sent.end(method === "GET" ? undefined : body);
    });
  } finally {
    clearTimeout(connecting);
  }
}

/** A server can't fill the memory with an endless body, or with a small one that unpacks to gigabytes. */
async function readBody(message: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of unpacked(message)) {
      size += chunk.byteLength;
      if (size > MAX_BODY_BYTES) throw new FetchError("too large");
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof FetchError ? cause : new FetchError("broken", { cause });
  }
  return Buffer.concat(chunks, size);
}

function unpacked(message: http.IncomingMessage): Readable {
  const encoding = message.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return message;
  if (encoding !== "gzip" && encoding !== "x-gzip") throw new FetchError("broken");
  // What goes wrong with either of them reaches the reader.
  return pipeline(message, createGunzip(), () => {});
}
