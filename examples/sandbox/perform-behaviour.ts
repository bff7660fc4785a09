import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Answer, Behaviour } from "./behaviour.ts";
import type { RecordedRequest } from "./recorded-request.ts";

/** What a behaviour has to work with. `closing` aborts when the sandbox shuts down. */
export type Exchange = {
  request: RecordedRequest;
  response: ServerResponse;
  /** Does the real work, once, and returns the real answer. */
  carryOut: () => Answer;
  closing: AbortSignal;
};

const JSON_TYPE = { "content-type": "application/json" };
const FOUR_GIB = 4 * 1024 ** 3;
const CHUNK = 1024 ** 2;

/** Sends a whole answer. */
export function send({ request, response }: Pick<Exchange, "request" | "response">, answer: Answer): void {
  request.status = answer.status;
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...JSON_TYPE, "content-length": body.length, ...answer.headers });
  response.end(body);
}

/** Plays one behaviour on one exchange. */
export async function performBehaviour(behaviour: Behaviour, exchange: Exchange): Promise<void> {
  const { request, response, carryOut, closing } = exchange;
  switch (behaviour.kind) {
    case "api-error": {
      const { code, message = `Error ${code}`, status = 200 } = behaviour;
      return send(exchange, { status, body: JSON.stringify({ status: "error", error: { code, message } }) });
    }
    case "http":
      return send(exchange, {
        status: behaviour.status,
        body: behaviour.body ?? "",
        headers: behaviour.headers ?? {},
      });
    case "json":
      return send(exchange, { status: 200, body: JSON.stringify(behaviour.value) });
    case "rewrite": {
      const real = carryOut();
      const parsed: unknown = real.body === "" ? null : JSON.parse(real.body);
      return send(exchange, { ...real, body: JSON.stringify(behaviour.edit(parsed)) });
    }
    case "prefixed": {
      const real = carryOut();
      return send(exchange, { ...real, body: behaviour.text + real.body });
    }
    case "truncated":
      return truncate(exchange, behaviour.chunked ?? false);
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "lost-answer":
      carryOut();
      response.socket?.destroy();
      return;
    case "close":
      response.socket?.destroy();
      return;
    case "no-header":
      return;
    case "drip": {
      response.writeHead(200, JSON_TYPE).write('{"status":');
      const drops = setInterval(() => response.write(" "), behaviour.everyMs ?? 50);
      response.once("close", () => clearInterval(drops));
      return;
    }
    case "endless":
      return flood(exchange, behaviour.bytes ?? FOUR_GIB);
    case "gzip-bomb":
      return gzipBomb(exchange, behaviour.bytes ?? FOUR_GIB);
    case "redirect": {
      const headers = { location: behaviour.location };
      return send(exchange, { status: behaviour.status ?? 307, body: "", headers });
    }
    case "delay":
      await sleep(behaviour.ms, undefined, { signal: closing });
      return send(exchange, carryOut());
    case "hold":
      await behaviour.until;
      return send(exchange, carryOut());
    case "handler":
      return behaviour.handle(request, response, carryOut);
  }
}

function truncate({ request, response, carryOut }: Exchange, chunked: boolean): void {
  const body = Buffer.from(carryOut().body);
  request.status = 200;
  response.writeHead(200, chunked ? JSON_TYPE : { ...JSON_TYPE, "content-length": body.length });
  response.write(body.subarray(0, Math.ceil(body.length / 2)), () => response.socket?.end());
}

async function flood({ request, response, carryOut }: Exchange, bytes: number): Promise<void> {
  request.status = 200;
  response.writeHead(200, JSON_TYPE);
  const spaces = Buffer.alloc(CHUNK, " ");
  for (let sent = 0; sent < bytes; sent += CHUNK) {
    if (!(await written(response, spaces))) return;
  }
  response.end(carryOut().body);
}

async function gzipBomb({ request, response, carryOut }: Exchange, bytes: number): Promise<void> {
  request.status = 200;
  response.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" });
  // A gzip file may hold many members, so one that unpacks to 16 MiB is made once and sent over and over.
  const memberBytes = 16 * CHUNK;
  const member = gzipSync(Buffer.alloc(memberBytes, " "), { level: 9 });
  for (let unpacked = 0; unpacked < bytes; unpacked += memberBytes) {
    if (!(await written(response, member))) return;
  }
  response.end(gzipSync(carryOut().body));
}

/** Writes and waits until more is wanted; false when the other side has left. */
function written(response: ServerResponse, chunk: Buffer): Promise<boolean> {
  if (response.destroyed || response.closed) return Promise.resolve(false);
  if (response.write(chunk)) return new Promise((resolve) => setImmediate(resolve, true));
  return new Promise((resolve) => {
    const settle = (more: boolean) => {
      response.off("drain", onDrain).off("close", onClose);
      resolve(more);
    };
    const onDrain = () => settle(true);
    const onClose = () => settle(false);
    response.once("drain", onDrain).once("close", onClose);
  });
}
