import type { Agent } from "node:http";
import { BlockList, isIP } from "node:net";
import type { Duplex } from "node:stream";

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

/** This machine and private networks. */
const LOCAL = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "::/127",
  "fc00::/7",
  "fe80::/10",
];

/** Whether a URL's host is this machine or on its network: loopback, private, `.local`, or a name without a dot. */
export function isLocalHost(hostname: string): boolean {
  const host = withoutBrackets(hostname).replace(/\.$/, "");
  if (isIP(host) === 0) return !host.includes(".") || /\.(local|localhost)$/i.test(host);
  return LOCAL.some((network) => isWithin(host, network));
}

/** The host of a URL as a name server or a socket takes it. */
export function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** Whether an address is that address, or in that network of addresses (`10.0.0.0/8`). */
function isWithin(address: string, network: string): boolean {
  const [base = "", prefix] = network.split("/");
  const family = (text: string) => (isIP(text) === 6 ? "ipv6" : "ipv4");
  const longest = isIP(base) === 6 ? 128 : 32;
  const networks = new BlockList();
  networks.addSubnet(base, Math.min(Number(prefix ?? longest) || 0, longest), family(base));
  return networks.check(address, family(address));
}

/** In the order in which they count: lower case first, as curl has it. */
const VARIABLES = {
  "https:": ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
  "http:": ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"],
};

/**
 * The proxy for requests to a URL; undefined where they go directly: no variable is set, NO_PROXY exempts the host, or
 * it is this machine or on its own network, where no proxy leads. Throws a `ProxyError`.
 */
export function findProxy(target: URL, env: NodeJS.ProcessEnv): HttpProxy | undefined {
  const variables = target.protocol === "http:" ? VARIABLES["http:"] : VARIABLES["https:"];
  const variable = variables.find((name) => env[name]?.trim());
  if (variable === undefined || isLocalHost(target.hostname) || isExempt(target, env)) return undefined;
  return { url: parseProxy(variable, env[variable]?.trim() ?? ""), variable };
}

/** `HOST:PORT` alone is an http proxy, as curl has it. */
function parseProxy(variable: string, text: string): URL {
  const [, kind] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
  if (kind !== undefined && !/^https?$/i.test(kind)) {
    const what = `${variable}: ${kind.toLowerCase()} proxies are not supported`;
    throw new ProxyError(`${what}; name an http:// or https:// proxy, or exempt hosts with NO_PROXY`);
  }
  try {
    const url = new URL(kind === undefined ? `http://${text}` : text);
    decodeURIComponent(url.username + url.password);
    return url;
  } catch {
    // Its own error would hold the password.
    const expected = "http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with special characters as %XX";
    throw new ProxyError(`${variable}: expected ${expected}`);
  }
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
  const host = withoutBrackets(target.hostname);
  const port = target.port || (target.protocol === "http:" ? "80" : "443");
  const entries = (env.no_proxy?.trim() || env.NO_PROXY || "").toLowerCase().split(/[\s,]+/);
  return entries.filter(Boolean).some((entry) => {
    if (entry === "*") return true;
    const [, name = "", onlyPort] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? ["", entry];
    if (onlyPort !== undefined && onlyPort !== port) return false;
    const domain = withoutBrackets(name).replace(/^\*?\./, "");
    if (isIP(domain.split("/")[0] ?? "") === 0) return host === domain || host.endsWith(`.${domain}`);
    return isIP(host) !== 0 && isWithin(host, domain);
  });
}

/** What both kinds of agents have in common; `connectOpts` are of the connection to the proxy. */
type ProxyAgent = Agent & {
  readonly connectOpts: object;
  connect: (request: never, options: never) => Promise<Duplex | Agent>;
};

/**
 * Makes the agent that leads requests for `protocol` URLs through a proxy; loaded only where there is one. A request
 * ends its connection to the proxy by an option of its own, the signal `stopping`: Node keeps `signal` from agents.
 * `connection` are options of its connections to the proxy, and of the pool.
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
