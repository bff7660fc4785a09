import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { findProxy, isLocalHost, withoutBrackets } from "./proxy.ts";

/** No route, no name server, or one that knows no name yet, as after boot and resume. */
const OFFLINE = /^(ENETUNREACH|ENETDOWN|EHOSTUNREACH|EAI_AGAIN|ENOTFOUND|EADDRNOTAVAIL)$/;

const LONGEST_MS = 60_000;
const EVERY_MS = 2_000;

/**
 * Returns once one of the hosts could be reached, the signal is aborted, or after a minute: `network-online.target` does
 * not mean that names can be resolved. It looks for their addresses and for a route to these, and sends nothing to
 * anybody else. Of `urls` the first decides alone if it is on this machine or its network; others there say nothing.
 * `onWait` is called once, with the system's code, when there is something to wait for.
 */
export async function waitForNetwork(
  urls: readonly string[],
  env: NodeJS.ProcessEnv,
  { signal, onWait }: { readonly signal: AbortSignal; readonly onWait: (code: string) => void },
): Promise<void> {
  const targets = urls.map((url) => findProxy(new URL(url), env)?.url ?? new URL(url));
  const hosts = targets.map(({ hostname }) => withoutBrackets(hostname));
  const asked = hosts.filter((host, i) => i === 0 || !isLocalHost(host));
  const none: undefined[] = [];
  const ended = sleep(LONGEST_MS, none, { signal, ref: false }).catch(() => none);
  for (let isFirst = true; ; isFirst = false) {
    // A name server that does not respond takes its time.
    const codes = await Promise.race([ended, Promise.all(asked.map(whyOffline))]);
    const [code] = codes;
    if (code === undefined || codes.includes(undefined)) return;
    if (isFirst) onWait(code);
    await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
  }
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
