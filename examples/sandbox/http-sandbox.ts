import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Behaviour } from "./behaviour.ts";
import { type Fault, type FaultOptions, FaultQueue } from "./fault-queue.ts";
import { performBehaviour, send } from "./perform-behaviour.ts";
import { matches, type RecordedRequest, type RequestMatch } from "./recorded-request.ts";
import { RequestWaiters } from "./request-waiters.ts";

/** Options that every sandbox takes. */
export type HttpSandboxOptions = {
  /** Default: any free one. */
  port?: number;
  /** Time before anything is done about a request, in milliseconds. */
  latencyMs?: number;
};

/** What makes one server differ from another. */
export type Site = {
  /** Called at arrival, before the body is read; an answer here refuses the request. */
  admit(at: number, method: string, path: string): Answer | null;
  /** Names the endpoint and the account in the record. */
  identify(request: RecordedRequest): void;
  /** Carries the request out. */
  answer(request: RecordedRequest): Answer;
  /** A fault that is always on, played when no fault of the queue is. */
  standingFault?(request: RecordedRequest): { behaviour: Behaviour; act: boolean } | null;
};

/** A running server on 127.0.0.1. */
export type HttpSandbox = {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** Every request whose body arrived whole, in that order. */
  readonly requests: RecordedRequest[];
  /** How many connections were opened so far. */
  readonly connections: number;
  /** Requests that a fault leaves without a whole response, and whose clients still wait. */
  readonly hanging: number;
  latencyMs: number;
  fault(match: RequestMatch, behaviour: Behaviour, options?: FaultOptions): Fault;
  clearFaults(): void;
  requestsTo(match: RequestMatch): RecordedRequest[];
  /** Resolves with the `count`-th (first) matching request, past ones included, as soon as it has arrived. */
  seen(match: RequestMatch, count?: number): Promise<RecordedRequest>;
  /** Cuts all connections and stops. Throws what went wrong inside the sandbox itself, if anything did. */
  close(): Promise<void>;
};

/** Starts a server on loopback that records, plays faults, and otherwise answers as `site` does. */
export async function startHttpSandbox(site: Site, options: HttpSandboxOptions = {}): Promise<HttpSandbox> {
  const requests: RecordedRequest[] = [];
  const faults = new FaultQueue();
  const waiters = new RequestWaiters(requests);
  const closing = new AbortController();
  const mishaps: unknown[] = [];
  let connections = 0;
  let hanging = 0;

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now();
    const url = new URL(message.url ?? "/", "http://sandbox.invalid");
    const refusal = site.admit(at, message.method ?? "GET", url.pathname);
    const request = await record(at, url, message);
    if (request === null) return;
    site.identify(request);
    response.once("close", () => {
      if (response.headersSent) request.status = response.statusCode;
    });
    requests.push(request);
    waiters.notify();
    if (sandbox.latencyMs > 0) await sleep(sandbox.latencyMs, undefined, { signal: closing.signal });
    if (refusal) return send({ request, response }, refusal);

    let answer: Answer | null = null;
    const carryOut = () => {
      request.acted = true;
      answer ??= site.answer(request);
      return answer;
    };
    const fault = faults.take(request) ?? site.standingFault?.(request) ?? null;
    if (fault === null) return send({ request, response }, carryOut());
    request.fault = fault.behaviour.kind;
    if (fault.behaviour.kind === "no-header" || fault.behaviour.kind === "drip") {
      hanging += 1;
      response.once("close", () => {
        hanging -= 1;
      });
    }
    if (fault.act) carryOut();
    await performBehaviour(fault.behaviour, { request, response, carryOut, closing: closing.signal });
  }

  const server = createServer((message, response) => {
    serve(message, response).catch((error: unknown) => {
      if (!closing.signal.aborted) mishaps.push(error);
      response.destroy();
    });
  });
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const sandbox: HttpSandbox = {
    origin: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections;
    },
    get hanging() {
      return hanging;
    },
    latencyMs: options.latencyMs ?? 0,
    fault: (match, behaviour, faultOptions) => faults.add(match, behaviour, faultOptions),
    clearFaults: () => faults.clear(),
    requestsTo: (match) => requests.filter((request) => matches(match, request)),
    seen: (match, count = 1) => waiters.wait(match, count),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
      if (mishaps.length > 0) throw new Error("the sandbox itself failed", { cause: mishaps[0] });
    },
  };
  return sandbox;
}

/** Reads the body; null if the other side left before its end. */
async function record(at: number, url: URL, message: IncomingMessage): Promise<RecordedRequest | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch {
    return null;
  }
  const body = Buffer.concat(chunks).toString();
  const isForm = message.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  return {
    at,
    method: message.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: message.headers,
    remote: `${message.socket.remoteAddress}:${message.socket.remotePort}`,
    body,
    form: new URLSearchParams(isForm ? body : ""),
    endpoint: "unknown",
    key: null,
    account: null,
    status: null,
    fault: null,
    acted: false,
  };
}
