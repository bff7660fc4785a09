import type { Agent } from "node:http";
import { BlockList, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { isLocalHost } from "./local-host.ts";

/** A proxy that requests go through. */
export interface HttpProxy {
  /** With its user name and password, where it has them: a secret. */
  readonly url: URL;
  /** The environment variable that names it. */
  readonly variable: string;
}

/** A variable names a proxy that can't be used. The message says which and what to do, and holds no secret. */
export class ProxyError extends Error {
  override name = "ProxyError";
}

/** In the order in which they count: lower case first, as curl has it. */
const VARIABLES = {
  "https:": ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
  "http:": ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"],
};

/**
 * The proxy for requests to a URL; undefined where they go directly: no variable is set, NO_PROXY exempts the host, or
 * it is this machine or on its own network, where no proxy leads.
 *
 * @throws ProxyError
 */
export function findProxy(target: URL, env: NodeJS.ProcessEnv): HttpProxy | undefined {
  const variables = target.protocol === "http:" ? VARIABLES["http:"] : VARIABLES["https:"];
  const variable = variables.find((name) => env[name]?.trim());
  if (variable === undefined || isLocalHost(target.hostname) || isExempt(target, env)) return undefined;
  return { url: parseProxy(variable, env[variable]?.trim() ?? ""), variable };
}

/** `HOST:PORT` alone is an http proxy, as curl has it. */
function parseProxy(variable: string, text: string): URL {
  const kind = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (kind !== undefined && kind !== "http" && kind !== "https") {
    const what = `${variable}: ${kind} proxies are not supported`;
    throw new ProxyError(`${what}; name an http:// or https:// proxy, or exempt hosts with NO_PROXY`);
  }
  const href = kind === undefined ? `http://${text}` : text;
  const problem = new ProxyError(
    `${variable}: expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with special characters as %XX`,
  );
  if (!URL.canParse(href)) throw problem;
  const url = new URL(href);
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    throw problem;
  }
  return url;
}

/** What must never be shown of the proxies that the environment names. */
export function proxySecrets(env: NodeJS.ProcessEnv): string[] {
  const names = new Set(Object.values(VARIABLES).flat());
  return [...names].flatMap((name) => {
    const text = env[name]?.trim() ?? "";
    // Also where the rest is not a URL.
    const [, user = "", password = ""] = /^(?:[^/]*:\/\/)?([^:@]*):?(.*)@/.exec(text) ?? [];
    if (user + password === "") return [];
    const plain = [user, password].map((part) => part.replace(/%[0-9a-f]{2}/gi, decodePart));
    return [`${user}:${password}`, plain.join(":"), ...(password ? [password] : []), ...plain.slice(1)];
  });
}

function decodePart(part: string): string {
  return String.fromCharCode(Number.parseInt(part.slice(1), 16));
}

/** How a proxy is shown: without user name and password. */
export function showProxy({ url, variable }: HttpProxy): string {
  return `${url.protocol}//${url.host} (${variable})`;
}

/**
 * Whether NO_PROXY exempts the host: its name or a domain above it, with or without a dot or `*.` in front, an address or
 * a network of addresses (`10.0.0.0/8`), each with a port if only that is meant; `*` exempts all.
 */
function isExempt(target: URL, env: NodeJS.ProcessEnv): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, "");
  const port = target.port || (target.protocol === "http:" ? "80" : "443");
  const entries = (env.no_proxy?.trim() || env.NO_PROXY || "").toLowerCase().split(/[\s,]+/);
  return entries.filter(Boolean).some((entry) => {
    if (entry === "*") return true;
    const [, name = "", onlyPort] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? ["", entry];
    if (onlyPort !== undefined && onlyPort !== port) return false;
    const domain = name.replace(/^\[|\]$/g, "").replace(/^\*?\./, "");
    const [network = "", prefix] = domain.split("/");
    if (isIP(network) === 0) return host === domain || host.endsWith(`.${domain}`);
    if (isIP(network) !== isIP(host)) return false;
    const family = isIP(network) === 6 ? "ipv6" : "ipv4";
    const longest = family === "ipv6" ? 128 : 32;
    const networks = new BlockList();
    networks.addSubnet(network, Math.min(Number(prefix ?? longest) || 0, longest), family);
    return networks.check(host, family);
  });
}

/** What both kinds of agents have in common. */
interface ProxyAgent extends Agent {
  /** Options of the connection to the proxy. */
  readonly connectOpts: object;
  connect: (request: never, options: never) => Promise<Duplex | Agent>;
}

/**
 * Makes the agent that leads requests for `protocol` URLs through a proxy; loaded only where there is one. A request
 * ends its connection to the proxy by an option of its own, the signal `stopping`: Node keeps `signal` from agents.
 *
 * @param connection Options of its connections to the proxy, and of the pool.
 */
export async function createProxyAgent(
  { url }: HttpProxy,
  protocol: string,
  connection: Readonly<Record<string, unknown>>,
): Promise<Agent> {
  // With DEBUG set, these libraries would print the proxy's password and whole requests.
  delete process.env.DEBUG;
  const agent: ProxyAgent =
    protocol === "http:"
      ? new (await import("http-proxy-agent")).HttpProxyAgent(url.href, connection)
      : new (await import("https-proxy-agent")).HttpsProxyAgent(url.href, connection);
  const connect = agent.connect.bind(agent);
  agent.connect = (request, options) => {
    // Without it, a proxy that never responds would keep its connection, and so this process, for ever.
    Object.assign(agent.connectOpts, { signal: (options as { stopping?: AbortSignal }).stopping });
    return connect(request, options);
  };
  return agent;
}
