import type { ModelAccount } from "./alldebrid-account.ts";
import { type CarriedOut, Endpoints } from "./alldebrid-endpoints.ts";
import { listReply } from "./alldebrid-lists.ts";
import { failure, page, type Reply, VAGUE, vagueReply } from "./alldebrid-responses.ts";
import type { Endpoint, Happening, ListName } from "./log.ts";
import type { World } from "./story.ts";

/** What is asked, read off a request. */
interface Asked {
  readonly number: number;
  readonly path: string;
  readonly endpoint: Endpoint;
  readonly key: string;
  readonly account: ModelAccount | undefined;
  readonly ids: readonly string[];
  readonly form: URLSearchParams;
}

/** Refusals of a deletion that come before anything is done. */
const REFUSALS = ["MAGNET_NO_SERVER", "MAGNET_MUST_BE_PREMIUM"];

/** Limits of AllDebrid, as the server counts: requests, and the milliseconds in which they may come. */
const SERVER_LIMITS = [
  { requests: 12, ms: 1_000 },
  { requests: 600, ms: 60_000 },
] as const;

/** An AllDebrid that does whatever the facts allow, offered as a `fetch`. */
export class AllDebridModel {
  readonly accounts: ModelAccount[] = [];
  readonly endpoints: Endpoints;
  /** Endpoints withdrawn, as they are called: `/v4/magnet/delete`. */
  readonly withdrawn = new Map<string, "DISCONTINUED" | "404">();
  readonly #world: World;
  /** Requests that are on their way to the server. */
  readonly #underWay = new Set<() => void>();
  /** Ids whose deletion had no clear response, and will be refused next. */
  readonly #nextRefused = new Set<string>();
  #arrivals: number[] = [];
  #requests = 0;
  /** Milliseconds that a request can take to arrive. */
  slowest = 120;
  /** The one account whose requests go wrong on their way; nobody: all may. */
  victim: string | undefined;
  /** Called before a request is sent and after it was carried out. A process that was killed there waits for ever. */
  onRequest: (moment: "before" | "after") => Promise<void> | undefined = () => undefined;

  constructor(world: World) {
    this.#world = world;
    this.endpoints = new Endpoints(world);
  }

  /** What was sent arrives, though nobody waits for a response any more. */
  senderDied(): void {
    for (const arrive of [...this.#underWay]) arrive();
    this.#underWay.clear();
  }

  /** For the run that sweeps. */
  readonly fetch = (request: Request): Promise<Response> => this.#serve(request, true);

  /** For a run beside it, of which only the requests count: it keeps nothing. */
  readonly fetchBeside = (request: Request): Promise<Response> => this.#serve(request, false);

  async #serve(request: Request, isSweep: boolean): Promise<Response> {
    const { story, log } = this.#world;
    const { signal } = request;
    signal.throwIfAborted();
    const asked = await this.#read(request);
    await this.onRequest("before");
    const { account, endpoint, ids, number } = asked;
    const [id = ""] = ids;
    const hash = endpoint === "delete" ? account?.magnets.get(id)?.hash : undefined;
    log.add({
      kind: "sent",
      request: number,
      account: account?.username,
      endpoint,
      ids,
      hash,
      beside: !isSweep,
    });
    if (account && this.slowest > 1_000) {
      log.add({ kind: "trouble", account: account.username, what: `#${number} is slow` });
    }
    if (!this.#isSpared(account) && story.strikes("no connection", story.requests, endpoint)) {
      this.#wentWrong(asked, "refused");
      await wait(story.requests.between(1, 60), signal);
      const error = new Error("connect ECONNREFUSED 192.0.2.1:443");
      throw Object.assign(error, { code: "ECONNREFUSED", syscall: "connect" });
    }
    await this.#travel(story.requests.between(5, this.slowest), signal, () => this.#arrive(asked, signal));
    const { reply, delay } = this.#replies.get(number) ?? { reply: page(500, "500"), delay: 0 };
    this.#replies.delete(number);
    await this.onRequest("after");
    if (delay === Number.POSITIVE_INFINITY) await wait(24 * 3_600_000, signal);
    await wait(delay, signal);
    if (reply === "reset") throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    for (const happening of isSweep ? reply.heard : []) log.add(happening);
    return new Response(reply.body, {
      status: reply.status,
      headers: { "content-type": "application/json", ...reply.headers },
    });
  }

  readonly #replies = new Map<number, { reply: Reply | "reset"; delay: number }>();

  /** Whatever ends the way early, the request arrives: at its time, or at once. */
  async #travel(ms: number, signal: AbortSignal, arrival: () => void): Promise<void> {
    const arrive = () => {
      if (this.#underWay.delete(arrive)) arrival();
    };
    this.#underWay.add(arrive);
    try {
      await wait(ms, signal);
    } finally {
      arrive();
    }
  }

  async #read(request: Request): Promise<Asked> {
    const { pathname: path, searchParams } = new URL(request.url);
    const form = new URLSearchParams(request.method === "POST" ? await request.text() : searchParams);
    const key = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
    const account = this.accounts.find(({ keys }) => keys.has(key));
    const ids = [...form.getAll("ids[]"), ...form.getAll("id")];
    const last = path.replace(/^\/v4(\.1)?\//, "");
    const names: Readonly<Record<string, Endpoint>> = {
      "magnet/status": form.has("id") ? "question" : "list",
      "magnet/restart": "restart",
      "magnet/delete": "delete",
      "magnet/upload": "upload",
      user: "user",
    };
    return { number: ++this.#requests, path, endpoint: names[last] ?? "other", key, account, ids, form };
  }

  #arrive(asked: Asked, signal: AbortSignal): void {
    const { story, log, time } = this.#world;
    const random = story.requests;
    this.endpoints.settle();
    log.add({ kind: "arrived", request: asked.number });
    const keep = (reply: Reply | "reset", delay = random.between(5, this.slowest)) =>
      this.#replies.set(asked.number, { reply, delay });
    const what = `#${asked.number} ${asked.endpoint} ${asked.ids.join(" ")}`;
    if (this.#isTooMuch(time.now)) {
      this.#wentWrong(asked, "vague");
      return void keep(
        random.pick([page(503, "503 Service Temporarily Unavailable"), { ...page(503, ""), body: "" }]),
      );
    }
    if (this.#isSpared(asked.account)) return void keep(this.#handle(asked, "now"));
    const limited = story.firstThatStrikes(["429 for a moment", "429 for long"], random, what);
    if (limited !== undefined) {
      const seconds =
        limited === "429 for a moment"
          ? random.pick(["", "1", "3"])
          : random.pick(["25", "25", "60", "90", "240", "3600", "31536000"]);
      this.#wentWrong(asked, "refused");
      const heard: Happening[] = asked.account
        ? [{ kind: "asked to wait", account: asked.account.username, seconds: Number(seconds) }]
        : [];
      return void keep({
        status: 429,
        body: "",
        headers: seconds ? { "retry-after": seconds } : {},
        heard,
      });
    }
    if (story.strikes("MAINTENANCE", random, what)) {
      this.#wentWrong(asked, "vague");
      return void keep(failure("MAINTENANCE"));
    }
    const isDeletion = asked.endpoint === "delete";
    const [id = ""] = asked.ids;
    if (isDeletion && this.#nextRefused.delete(id)) {
      story.note("deletion: refused", what);
      this.#wentWrong(asked, "refused");
      return void keep(failure(random.pick(REFUSALS)));
    }
    const isUnclear = isDeletion && story.strikes("deletion: no clear response", random, what);
    if (isUnclear && random.chance(0.4)) this.#nextRefused.add(id);
    const vague = isUnclear ? random.pick(VAGUE) : story.firstThatStrikes(VAGUE, random, what);
    if (vague !== undefined) {
      const carriedOut = random.pick(["now", "later", "never"] as const);
      if (carriedOut !== "never") this.#handle(asked, carriedOut);
      this.#wentWrong(asked, "vague");
      return void keep(vagueReply(vague), vague === "hang" ? Number.POSITIVE_INFINITY : undefined);
    }
    const reply = this.#handle(asked, "now");
    if (signal.aborted) return;
    const isLate = story.strikes("late response", random, what);
    const delay = isLate ? random.between(1_000, 25_000) : undefined;
    // Whatever it says, the program may have given up waiting for it.
    if (delay !== undefined && delay > 19_000) this.#wentWrong(asked, "vague", false);
    if (isLate) {
      const { username } = asked.account ?? { username: "wrong key" };
      log.add({ kind: "trouble", account: username, what: `#${asked.number} is late` });
    }
    if (!story.strikes("reconnect before the JSON", random, what)) return void keep(reply, delay);
    // Nobody can read whether it was refused.
    this.#wentWrong(asked, "vague");
    keep({ ...reply, body: `reconnect${reply.body}`, heard: reply.heard.map(uncertain) }, delay);
  }

  #isSpared(account: ModelAccount | undefined): boolean {
    return this.victim !== undefined && account?.username !== this.victim;
  }

  /** What no reply tells by itself: the account has trouble, and a deletion that outcome. */
  #wentWrong(asked: Asked, outcome: "refused" | "vague", heard = true): void {
    const { endpoint, number, account, ids } = asked;
    const { log } = this.#world;
    const { username } = account ?? { username: "wrong key" };
    log.add({ kind: "trouble", account: username, what: `#${number} went wrong` });
    if (!account) return;
    const [id = ""] = ids;
    if (endpoint !== "delete") return;
    log.add({ kind: "delete answered", request: number, account: username, id, outcome, heard });
  }

  #isTooMuch(now: number): boolean {
    this.#arrivals = this.#arrivals.filter((at) => at > now - 60_000);
    this.#arrivals.push(now);
    return SERVER_LIMITS.some(
      ({ requests, ms }) => this.#arrivals.filter((at) => at > now - ms).length > requests,
    );
  }

  #handle(asked: Asked, carriedOut: CarriedOut): Reply {
    const { account, endpoint, ids, form, path, number, key } = asked;
    const { story } = this.#world;
    const [id = ""] = ids;
    const refuse = (code: string) => {
      this.#wentWrong(asked, "refused", carriedOut === "now");
      return failure(code);
    };
    const withdrawn = this.withdrawn.get(path);
    if (withdrawn !== undefined) return refuse(withdrawn);
    if (!account) return refuse("AUTH_BAD_APIKEY");
    const { trouble } = account;
    const changes = endpoint === "restart" || endpoint === "delete" || endpoint === "upload";
    if (trouble && (changes || !trouble.code.endsWith("NO_SERVER"))) return refuse(trouble.code);
    switch (endpoint) {
      case "list":
        return listReply(
          this.#world,
          account,
          (form.get("status") ?? "active") as ListName,
          this.endpoints.deprecated,
        );
      case "question":
        return this.endpoints.question(account, id);
      case "restart":
        return this.endpoints.restart(account, ids, form.has("ids[]"));
      case "delete":
        if (story.strikes("deletion: refused", story.requests, id)) {
          return refuse(story.requests.pick(REFUSALS));
        }
        return this.endpoints.delete(account, id, number, carriedOut);
      case "user":
        return this.endpoints.user(account, key);
      case "upload":
        return this.endpoints.upload(account, form.getAll("magnets[]"));
      case "other":
        return failure("404");
    }
  }
}

function uncertain(happening: Happening): Happening {
  if (happening.kind === "delete answered") return { ...happening, outcome: "vague" };
  return "certain" in happening ? { ...happening, certain: false } : happening;
}

/** Waits in simulated time. Rejects with the signal's reason, as a `fetch` does. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
