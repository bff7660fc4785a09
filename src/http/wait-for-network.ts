import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { findProxy, isLocalHost, withoutBrackets } from "./proxy.ts";

/** No route, no name server, or one that knows no name yet, as after boot and resume. */
const OFFLINE = /^(ENETUNREACH|ENETDOWN|EHOSTUNREACH|EAI_AGAIN|ENOTFOUND|EADDRNOTAVAIL)$/;

/** How long to wait for the network, and how often to look. */
export interface NetworkWait {
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Called once, with the system's code, when there is something to wait for. */
  readonly onWait: (code: string) => void;
  /** Default: a minute. */
  readonly longestMs?: number;
  /** Default: 2 s. */
  readonly everyMs?: number;
}

/**
 * Returns once one of the hosts could be reached, or after a minute: `network-online.target` does not mean that names
 * can be resolved. It looks for their addresses and for a route to these, and sends nothing to anybody else.
 *
 * @param urls The first decides alone if it is on this machine or its network; others there say nothing.
 */
export async function waitForNetwork(
  urls: readonly string[],
  env: NodeJS.ProcessEnv,
  { signal, onWait, longestMs = 60_000, everyMs = 2_000 }: NetworkWait,
): Promise<void> {
  const targets = urls.map((url) => findProxy(new URL(url), env)?.url ?? new URL(url));
  const hosts = targets.map(({ hostname }) => withoutBrackets(hostname));
  const asked = hosts.filter((host, i) => i === 0 || !isLocalHost(host));
  const end = new AbortController();
  const onEnd = () => end.abort();
  const timer = setTimeout(onEnd, longestMs);
  signal.addEventListener("abort", onEnd);
  const ended = once(end.signal, "abort").then((): undefined[] => []);
  for (let isFirst = true; !end.signal.aborted && !signal.aborted; isFirst = false) {
    // A name server that does not respond takes its time.
    const codes = await Promise.race([ended, Promise.all(asked.map(whyOffline))]);
    const [code] = codes;
    if (code === undefined || codes.includes(undefined)) break;
    if (isFirst) onWait(code);
    await sleep(everyMs, undefined, { signal: end.signal }).catch(() => {});
  }
  clearTimeout(timer);
  signal.removeEventListener("abort", onEnd);
}

/** The code of what keeps this machine from a host; undefined where a connection is worth trying. */
async function whyOffline(host: string): Promise<string | undefined> {
  try {
    const addresses = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host }];
    const routes = await Promise.all(addresses.map(({ address }) => whyNoRoute(address)));
    return routes.includes(undefined) ? undefined : routes[0];
  } catch (error) {
    return offlineCode(error);
  }
}

/** A datagram socket finds its route when it is connected, which sends nothing. */
function whyNoRoute(address: string): Promise<string | undefined> {
  const socket = createSocket(isIP(address) === 6 ? "udp6" : "udp4");
  return new Promise<string | undefined>((resolve) => {
    socket.once("error", (error) => resolve(offlineCode(error)));
    socket.once("connect", () => resolve(undefined));
    socket.connect(443, address);
  }).finally(() => socket.close());
}

function offlineCode(error: unknown): string | undefined {
  const { code = "" } = error as NodeJS.ErrnoException;
  return OFFLINE.test(code) ? code : undefined;
}
