import {
  complete,
  fail,
  type ModelAccount,
  type ModelMagnet,
  newMagnet,
  process,
  show,
} from "./alldebrid-account.ts";
import { entryOf, errorOf, failure, type Reply, shapeOf, success } from "./alldebrid-responses.ts";
import type { Happening } from "./log.ts";
import type { World } from "./story.ts";

/** Refusals that are known to be the magnet's own. */
const OWN_REFUSALS = [
  "MAGNET_PROCESSING_FAILED",
  "MAGNET_TOOK_TOO_LONG",
  "MAGNET_LINKS_REMOVED",
  "MAGNET_CANT_BOOTSTRAP",
  "MAGNET_TOO_LARGE",
  "MAGNET_MAGNET_TOO_BIG",
];
const NO_CHANCE = [
  "MAGNET_PROCESSING_COOLDOWN",
  "GENERIC",
  "ACCOUNT_INVALID",
  "MAGNET_INTERNAL_ERROR",
  "MAGNET_UPLOAD_FAILED",
  "MAGNET_TOO_MANY",
];
const NEW_CODES = ["MAGNET_NEW_IN_2027", "SERVICE_SHEDDING_LOAD"];

/** The longest time from a deletion's response until it is carried out. */
const LATEST_SECONDS = 12 * 3600;

/** When what was asked for is done: at once, some time after the response, or not at all. */
export type CarriedOut = "now" | "later" | "never";

/** AllDebrid's endpoints for one account, with the ways in which they go wrong beyond the network. */
export class Endpoints {
  readonly #world: World;
  readonly #later: { at: number; run: () => void }[] = [];
  #lastId = 400_000_000;
  /** Endpoints as called here carry the flag that they will be withdrawn. */
  deprecated = false;
  /** In calm sweeps magnets no longer work again by chance. */
  calm = false;

  constructor(world: World) {
    this.#world = world;
  }

  nextId(): string {
    this.#lastId += this.#world.story.world.between(1, 999);
    return String(this.#lastId);
  }

  /** What was put off until now. */
  settle(): void {
    const { now } = this.#world.time;
    for (;;) {
      this.#later.sort((a, b) => a.at - b.at);
      const [next] = this.#later;
      if (!next || next.at > now) return;
      this.#later.shift();
      next.run();
    }
  }

  after(ms: number, run: () => void): void {
    this.#later.push({ at: this.#world.time.now + ms, run });
  }

  /** The response to a question is always true, if it is one to the question. */
  question(account: ModelAccount, id: string): Reply {
    const { story } = this.#world;
    const random = story.requests;
    const others = [...account.magnets.values()].filter((magnet) => magnet.id !== id);
    if (others.length > 0 && story.strikes("question: another magnet in the response", random, id)) {
      return success({ magnets: entryOf(random.pick(others), random) }, []);
    }
    const magnet = account.magnets.get(id);
    const heard = {
      kind: "heard magnet",
      account: account.username,
      id,
      magnet: magnet && show(magnet),
      certain: true,
    } as const;
    if (story.strikes("question: all magnets in the response", random, id)) {
      // It holds the one that was asked for, but is not known to be the response to this question.
      const all = [...account.magnets.values()].map((each) => entryOf(each, random));
      return success({ magnets: all }, magnet ? [{ ...heard, certain: false }] : []);
    }
    if (!magnet) return failure("MAGNET_INVALID_ID", [heard]);
    return success({ magnets: shapeOf([entryOf(magnet, random)], random, "one") }, [heard], this.deprecated);
  }

  /** `batch`: asked by `ids[]`. */
  restart(account: ModelAccount, ids: readonly string[], batch: boolean): Reply {
    const { story } = this.#world;
    const random = story.requests;
    const hear = (id: string, outcome: string): Happening => ({
      kind: "heard restart",
      account: account.username,
      id,
      outcome,
      certain: true,
    });
    if (batch && story.strikes("restart: batch refused as a whole", random, ids.join(" "))) {
      const code = random.pick([...NO_CHANCE, "MAGNET_INVALID_ID"]);
      return failure(code, ids.length === 1 && ids[0] ? [hear(ids[0], code)] : []);
    }
    const outcomes = ids.map((id) => [id, this.#restartOne(account, id)] as const);
    const message = "Magnet was successfully restarted";
    if (!batch) {
      const [[id, outcome] = ["", ""]] = outcomes;
      const heard = [hear(id, outcome)];
      return outcome === "accepted" ? success({ message }, heard, this.deprecated) : failure(outcome, heard);
    }
    if (story.strikes("restart: batch answered with one message", random)) {
      return success({ message }, ids.length === 1 && ids[0] ? [hear(ids[0], "accepted")] : []);
    }
    let told = outcomes;
    if (story.strikes("restart: batch answered in part", random))
      told = outcomes.filter(() => random.chance(0.5));
    const magnets = told.map(([id, outcome]) =>
      outcome === "accepted" ? { magnet: id, message } : { magnet: id, error: errorOf(outcome) },
    );
    return success(
      { magnets },
      told.map(([id, outcome]) => hear(id, outcome)),
      this.deprecated,
    );
  }

  #restartOne(account: ModelAccount, id: string): string {
    const { story, log } = this.#world;
    const random = story.requests;
    const magnet = account.magnets.get(id);
    if (!magnet) return "MAGNET_INVALID_ID";
    if (magnet.state !== "failing") return "MAGNET_PROCESSING";
    if (account.active >= account.slots) {
      story.note("restart: slots full", id);
      return "MAGNET_TOO_MANY_ACTIVE";
    }
    if (story.strikes("restart: already processing", random, id)) return "MAGNET_PROCESSING";
    if (magnet.life === "refused" || story.strikes("restart refused for the magnet's own sake", random, id)) {
      return random.pick(OWN_REFUSALS);
    }
    if (magnet.life === "cooling" || story.strikes("restart refused without a chance", random, id)) {
      return random.pick(NO_CHANCE);
    }
    if (story.strikes("restart refused with a new code", random, id)) return random.pick(NEW_CODES);
    process(magnet, random);
    log.add({ kind: "changed", account: account.username, id, to: "processing" });
    this.after(random.between(180, 1500) * 1000, () => {
      if (account.magnets.get(id) !== magnet || magnet.state !== "processing") return;
      if (!this.calm && magnet.life === "lucky" && random.chance(0.4)) complete(magnet);
      else fail(magnet, random);
      log.add({ kind: "changed", account: account.username, id, to: magnet.state });
    });
    return "accepted";
  }

  delete(account: ModelAccount, id: string, request: number, carriedOut: CarriedOut): Reply {
    const { story } = this.#world;
    const random = story.requests;
    const { username } = account;
    const answered = (outcome: "success" | "invalid"): readonly Happening[] => [
      { kind: "delete answered", request, account: username, id, outcome, heard: true },
    ];
    const done = success(
      { message: "Magnet was successfully deleted" },
      answered("success"),
      this.deprecated,
    );
    const magnet = account.magnets.get(id);
    if (!magnet) {
      if (account.gone.has(id) && story.strikes("deletion confirmed twice", random, id)) return done;
      return failure("MAGNET_INVALID_ID", answered("invalid"));
    }
    if (carriedOut === "now" && story.strikes("deletion confirmed, not carried out", random, id)) return done;
    if (
      carriedOut === "later" ||
      (carriedOut === "now" && story.strikes("deletion carried out later", random, id))
    ) {
      const seconds = random.between(5, random.pick([600, 600, LATEST_SECONDS]));
      this.after(seconds * 1000, () => this.remove(account, magnet, "program"));
    } else if (carriedOut === "now") {
      this.remove(account, magnet, "program");
    }
    return done;
  }

  remove(account: ModelAccount, magnet: ModelMagnet, by: "program" | "hand"): void {
    const { story, log } = this.#world;
    const { id, hash } = magnet;
    if (account.magnets.get(id) !== magnet) return;
    account.magnets.delete(id);
    account.gone.set(id, magnet);
    log.add({ kind: "gone", account: account.username, id, hash, by });
    if (story.strikes("list shows a deleted magnet", story.requests, id)) {
      account.ghosts.push({ magnet: { ...magnet }, left: story.requests.between(1, 3) });
    }
  }

  add(account: ModelAccount, magnet: ModelMagnet, again = false): void {
    account.magnets.set(magnet.id, magnet);
    const { id, hash, name } = magnet;
    this.#world.log.add({ kind: "there", account: account.username, id, hash, name, again });
  }

  user(account: ModelAccount, key: string): Reply {
    const { story, time } = this.#world;
    const { username } = account;
    if (story.strikes("user not told", story.requests, username)) return failure("GENERIC");
    const until = Math.floor(time.now / 1000) + 100 * 86_400;
    const premiumUntil = story.requests.chance(0.3) ? String(until) : until;
    const user = { username, isPremium: true, isTrial: false, premiumUntil, notifications: [] };
    return success({ user }, [{ kind: "heard user", account: username, key, certain: true }]);
  }

  upload(account: ModelAccount, links: readonly string[]): Reply {
    const { story, time } = this.#world;
    const magnets = links.map((link) => {
      const hash = link
        .replace(/^.*btih:/, "")
        .slice(0, 40)
        .toLowerCase();
      if (!/^[0-9a-f]{40}$/.test(hash)) return { magnet: link, error: errorOf("MAGNET_INVALID_URI") };
      const held = [...account.magnets.values()].find((magnet) => magnet.hash === hash);
      if (held)
        return {
          magnet: link,
          hash,
          name: held.name,
          size: held.size,
          ready: false,
          id: story.requests.pick([Number(held.id), 0]),
        };
      const added = { ...newMagnet(this.nextId(), story.requests, time.now), hash };
      this.add(account, added, true);
      return { magnet: link, hash, name: added.name, size: added.size, ready: false, id: Number(added.id) };
    });
    return success({ magnets }, []);
  }
}
