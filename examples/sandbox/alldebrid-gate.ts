import type { Answer } from "./behaviour.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import type { AccountTrouble, SandboxAccount } from "./sandbox-account.ts";
import { SlidingWindow } from "./sliding-window.ts";

/**
 * Most requests in any second and any minute, and how one too many is answered: by default 429; 503 is what clients
 * of the live service met, as an HTML page or with an empty body. False switches it off.
 */
export type RateLimit =
  | false
  | {
      perSecond?: number;
      perMinute?: number;
      status?: 429 | 503;
      body?: "text" | "html" | "empty";
      retryAfter?: string;
    };

/** Each endpoint exists under `/v4` and `/v4.1`, until it is withdrawn. */
const ENDPOINT = /^(?:POST \/v4(?:\.1)?\/magnet\/(status|restart|delete|upload)|GET \/v4(?:\.1)?\/(user))$/;

/** Troubles that refuse every request. */
const CODES: Partial<Record<AccountTrouble, string>> = {
  "bad-key": "AUTH_BAD_APIKEY",
  blocked: "AUTH_BLOCKED",
  banned: "AUTH_USER_BANNED",
  "no-server": "NO_SERVER",
  maintenance: "MAINTENANCE",
};

/** The page of a server that is asked too often. */
const THROTTLE_PAGE = `<html><head><title>503 Service Temporarily Unavailable</title></head>
<body><center><h1>503 Service Temporarily Unavailable</h1></center><hr><center>nginx</center></body></html>\n`;

/** PHP's `max_input_vars`: fields past it are not read. */
export const MAX_FIELDS = 1000;

/** Decides who gets in: rate limits, keys, accounts in trouble, and what no client may do. */
export class AllDebridGate {
  rateLimit: RateLimit;
  /** Endpoints that are withdrawn, by path: the code that they answer with. `/v4/magnet/status` is, for good. */
  withdrawn: Record<string, "DISCONTINUED" | "404"> = { "/v4/magnet/status": "DISCONTINUED" };
  readonly violations: string[] = [];
  #accounts: ReadonlyMap<string, SandboxAccount>;
  #second = new SlidingWindow(1000);
  #minute = new SlidingWindow(60_000);

  constructor(accounts: ReadonlyMap<string, SandboxAccount>, rateLimit: RateLimit = {}) {
    this.#accounts = accounts;
    this.rateLimit = rateLimit;
  }

  /** Most arrivals seen in any second and in any minute. */
  get peak(): { second: number; minute: number } {
    return { second: this.#second.peak, minute: this.#minute.peak };
  }

  /** Counts an arrival; an answer if it is one too many. */
  admit(at: number): Answer | null {
    const [inSecond, inMinute] = [this.#second.add(at), this.#minute.add(at)];
    if (this.rateLimit === false) return null;
    const { perSecond = 12, perMinute = 600, status = 429, body = "text", retryAfter } = this.rateLimit;
    if (inSecond <= perSecond && inMinute <= perMinute) return null;
    const type = body === "text" ? "text/plain" : "text/html; charset=UTF-8";
    const headers = { "content-type": type, ...(retryAfter !== undefined && { "retry-after": retryAfter }) };
    return { status, body: { text: "Too many requests", html: THROTTLE_PAGE, empty: "" }[body], headers };
  }

  /** Fills in endpoint, key and account, and notes violations. */
  identify(request: RecordedRequest): void {
    const [, magnets, user] = ENDPOINT.exec(`${request.method} ${request.path}`) ?? [];
    request.endpoint = magnets ?? user ?? "unknown";
    request.key = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? null;
    request.account = this.#accounts.get(request.key ?? "")?.username ?? null;

    const { path, form, headers, body } = request;
    const address = `${path}?${request.query}`;
    const inAddress =
      request.query.has("apikey") ||
      [...this.#accounts.keys()].some((key) => key.length >= 8 && address.includes(key));
    if (inAddress) this.violations.push(`${request.endpoint}: the key is in the address`);
    if (form.has("apikey")) this.violations.push(`${request.endpoint}: the key is in the form`);
    if (body !== "" && !headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
      this.violations.push(`${request.endpoint}: a body that is not form-encoded`);
    }
    if (form.size > MAX_FIELDS) this.violations.push(`${request.endpoint}: ${form.size} form fields`);
    if (request.endpoint === "unknown") this.violations.push(`no such endpoint: ${request.method} ${path}`);
  }

  /** The account that the request may use, or the code of its refusal. */
  open(request: RecordedRequest): SandboxAccount | string {
    if (request.endpoint === "unknown") return "404";
    const withdrawn = this.withdrawn[request.path];
    if (withdrawn) return withdrawn;
    if (request.key === null) return "AUTH_MISSING_APIKEY";
    const account = this.#accounts.get(request.key);
    if (account === undefined) return "AUTH_BAD_APIKEY";
    const code = account.trouble && CODES[account.trouble];
    if (code) return code;
    if (request.endpoint === "restart" || request.endpoint === "upload") {
      if (account.trouble === "no-magnet-server") return "MAGNET_NO_SERVER";
      if (!account.isPremium) return "MAGNET_MUST_BE_PREMIUM";
    }
    return account;
  }
}
