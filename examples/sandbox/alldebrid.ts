import { magnetUpload, user } from "./account-endpoints.ts";
import { apiError } from "./alldebrid-answers.ts";
import { AllDebridGate, MAX_FIELDS, type RateLimit } from "./alldebrid-gate.ts";
import type { Answer } from "./behaviour.ts";
import { runningClock, type SandboxClock } from "./clock.ts";
import { type HttpSandbox, type HttpSandboxOptions, startHttpSandbox } from "./http-sandbox.ts";
import { type Call, magnetDelete, magnetRestart, magnetStatus, type Shapes } from "./magnet-endpoints.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import { type AccountSeed, SandboxAccount } from "./sandbox-account.ts";

/** Everything has a default. */
export type AllDebridOptions = HttpSandboxOptions & {
  accounts?: readonly AccountSeed[];
  /** Default: real time. */
  clock?: SandboxClock;
  /** Default: the live service's, answered with 429. */
  rateLimit?: RateLimit;
  shapes?: Partial<Shapes>;
  /** Default: the unfiltered list shows the newest 100. */
  listLimits?: Call["listLimits"];
};

/** A fake of AllDebrid on loopback. What is not readonly may be changed at any time. */
export type AllDebridSandbox = HttpSandbox & {
  /** What `MAGNETS_API_URL` takes. */
  readonly url: string;
  readonly clock: SandboxClock;
  readonly accounts: readonly SandboxAccount[];
  /** Most arrivals seen in any second and in any minute, refused ones included. */
  readonly peak: { second: number; minute: number };
  /** What no client may do: a key in an address, a JSON body, too many fields, a wrong verb. */
  readonly violations: readonly string[];
  rateLimit: RateLimit;
  /** Endpoints that are withdrawn, by path (`/v4/user`), and with which code. */
  withdrawn: Record<string, "DISCONTINUED" | "404">;
  /** Endpoints whose answers say that they are deprecated, by path. */
  deprecated: Set<string>;
  shapes: Shapes;
  listLimits: Call["listLimits"];
  /** HTTP status of authentication errors, 200 or 401. */
  authErrorStatus: number;
  /** Whether `/v4/user` gives `premiumUntil` as text. */
  premiumUntilAsText: boolean;
  addAccount(seed: AccountSeed): SandboxAccount;
  /** Makes another key of an account, which it has beside those it had. */
  addKey(account: SandboxAccount, key: string): void;
  /** Another key takes the place of one, which opens nothing any more. */
  replaceKey(former: string, key: string): void;
  /** The account that this key opens; an error if there is none. The only account, without a key. */
  account(key?: string): SandboxAccount;
};

/** What the live service answers to these is demo data. */
const DEMO_KEYS = {
  staticDemoApikeyPrem: "premium",
  staticDemoApikeyTria: "trial",
  staticDemoApikeyFree: "free",
};

const FIRST_ID = 403_207_301;

const SHAPES: Shapes = { list: "array", byId: "bare", ids: "number", restarts: "each", uploadId: "given" };

/** Starts the fake. The demo keys open accounts of their own, not listed in `accounts`. */
export async function startAllDebrid(options: AllDebridOptions = {}): Promise<AllDebridSandbox> {
  const clock = options.clock ?? runningClock();
  const accounts: SandboxAccount[] = [];
  const byKey = new Map<string, SandboxAccount>();
  let lastId = FIRST_ID;
  const nextId = () => lastId++;
  const addAccount = (seed: AccountSeed) => {
    const username = seed.username ?? `user-${accounts.length + 1}`;
    const account = new SandboxAccount({ ...seed, username }, clock, nextId);
    for (const key of [seed.key, ...(seed.otherKeys ?? [])]) byKey.set(key, account);
    return account;
  };
  for (const [key, kind] of Object.entries(DEMO_KEYS)) {
    const trouble = kind === "free" ? "not-premium" : null;
    addAccount({ key, username: `demo-${kind}`, trial: kind === "trial", trouble });
  }
  for (const seed of options.accounts ?? []) accounts.push(addAccount(seed));

  const gate = new AllDebridGate(byKey, options.rateLimit);
  const call = (account: SandboxAccount, form: URLSearchParams): Call => {
    const { shapes, listLimits } = sandbox;
    return { account, form, now: clock.now(), isDemo: account.key in DEMO_KEYS, shapes, listLimits };
  };
  const answer = (request: RecordedRequest): Answer => {
    const given = endpointAnswer(request);
    if (!sandbox.deprecated.has(request.path)) return given;
    const { status, ...rest } = JSON.parse(given.body);
    return { ...given, body: JSON.stringify({ status, deprecated: true, ...rest }) };
  };
  const endpointAnswer = (request: RecordedRequest): Answer => {
    const account = gate.open(request);
    if (typeof account === "string") {
      const status = account.startsWith("AUTH_") ? sandbox.authErrorStatus : account === "404" ? 404 : 200;
      return apiError(account, status);
    }
    const given = call(account, new URLSearchParams([...request.form].slice(0, MAX_FIELDS)));
    if (request.endpoint === "status") return magnetStatus(given);
    if (request.endpoint === "restart") return magnetRestart(given);
    if (request.endpoint === "delete") return magnetDelete(given);
    if (request.endpoint === "upload") return magnetUpload(given);
    return user(given, sandbox.premiumUntilAsText);
  };
  const server = await startHttpSandbox(
    { admit: (at) => gate.admit(at), identify: (request) => gate.identify(request), answer },
    options,
  );
  const own = {
    url: server.origin,
    clock,
    accounts,
    get peak() {
      return gate.peak;
    },
    violations: gate.violations,
    shapes: { ...SHAPES, ...options.shapes },
    listLimits: options.listLimits ?? { all: 100 },
    authErrorStatus: 200,
    premiumUntilAsText: false,
    deprecated: new Set<string>(),
    get withdrawn() {
      return gate.withdrawn;
    },
    set withdrawn(withdrawn: Record<string, "DISCONTINUED" | "404">) {
      gate.withdrawn = withdrawn;
    },
    get rateLimit() {
      return gate.rateLimit;
    },
    set rateLimit(limit: RateLimit) {
      gate.rateLimit = limit;
    },
    addAccount(seed: AccountSeed) {
      const account = addAccount(seed);
      accounts.push(account);
      return account;
    },
    addKey(account: SandboxAccount, key: string) {
      byKey.set(key, account);
    },
    replaceKey(former: string, key: string) {
      const account = sandbox.account(former);
      byKey.delete(former);
      byKey.set(key, account);
      if (account.key === former) account.key = key;
    },
    account(key?: string) {
      const account = key === undefined ? accounts[0] : byKey.get(key);
      if (account === undefined) throw new Error("the sandbox has no such account");
      return account;
    },
  };
  // Accessors must stay accessors, which a spread would turn into values.
  const descriptors = Object.getOwnPropertyDescriptors(own);
  const sandbox = Object.defineProperties(server, descriptors) as HttpSandbox & typeof own;
  return sandbox;
}
