import type { Happening, Shown } from "./log.ts";
import { Oracle, type OracleSettings } from "./oracle.ts";
import type { Rule } from "./rules.ts";

export const ID = "400000001";
export const HASH = "a".repeat(40);
export const OTHER_HASH = "b".repeat(40);
export const HALF_AN_HOUR = 1800;
export const DAY = 86_400;
export const FAILING: Shown = {
  id: ID,
  hash: HASH,
  code: 7,
  text: "No peer after 30 minutes",
  name: "Example",
};

/** A hand-made log of one account, and the disk that goes with it. */
export class Script {
  readonly files = new Map<string, string>();
  readonly #oracle: Oracle;
  #at = Date.UTC(2027, 0, 4);
  #sweep = 0;
  #request = 0;

  constructor(settings: Partial<OracleSettings> = {}) {
    const disk = {
      text: (name: string) => this.files.get(name),
      durableText: (name: string) => this.files.get(name),
    };
    const usual = { minFailingHours: 0, cycleSeconds: 1800, webhook: true, protects: () => false };
    this.#oracle = new Oracle({ maxRetries: { expired: 2, error: 2 }, ...usual, ...settings }, disk);
    this.add({ kind: "there", account: "alice", id: ID, hash: HASH, name: "Example", again: false });
  }

  add(happening: Happening, seconds = 0): this {
    this.#at += seconds * 1000;
    this.#oracle.see({ ...happening, at: this.#at, wall: this.#at, sweep: this.#sweep });
    return this;
  }

  /** A sweep begins, and both lists come; the error list holds this. */
  begin(magnets: readonly Shown[] = [FAILING], { after = HALF_AN_HOUR, cap = 100 } = {}): this {
    this.#sweep++;
    this.add({ kind: "sweep", cap, keys: [{ account: "alice", key: "key" }], calm: false }, after);
    this.add({ kind: "heard user", account: "alice", key: "key", certain: true });
    return this.list("expired", []).list("error", magnets);
  }

  list(list: "expired" | "error" | "ready", magnets: readonly Shown[]): this {
    return this.add({ kind: "heard list", account: "alice", list, fresh: true, certain: true, magnets });
  }

  counted(fails: number): this {
    this.files.set("retry_counts.json", JSON.stringify({ [ID]: { fails, last_status: "error" } }));
    return this;
  }

  asked(answer: Shown | "gone" = FAILING): this {
    const magnet = answer === "gone" ? undefined : answer;
    return this.add({ kind: "heard magnet", account: "alice", id: ID, magnet, certain: true });
  }

  restart(outcome = "accepted"): this {
    this.add({ kind: "sent", request: ++this.#request, account: "alice", endpoint: "restart", ids: [ID] });
    return this.add({ kind: "heard restart", account: "alice", id: ID, outcome, certain: true });
  }

  intended(): this {
    this.files.set("intents.json", JSON.stringify({ version: 1, intents: [{ id: ID }] }));
    return this;
  }

  /** A deletion is sent and answered; `success` carries it out. */
  delete(outcome: "success" | "vague" | "refused" = "success"): this {
    const request = ++this.#request;
    this.add({ kind: "sent", request, account: "alice", endpoint: "delete", ids: [ID], hash: HASH });
    if (outcome === "success") this.gone("program");
    return this.add({ kind: "delete answered", request, account: "alice", id: ID, outcome, heard: true });
  }

  gone(by: "program" | "hand"): this {
    return this.add({ kind: "gone", account: "alice", id: ID, hash: HASH, by });
  }

  recorded(hash = HASH): this {
    const line = `${JSON.stringify({ id: ID, hash })}\n`;
    this.files.set("deletions.jsonl", (this.files.get("deletions.jsonl") ?? "") + line);
    this.files.set("retry_counts.json", "{}");
    return this;
  }

  posted(): this {
    return this.add({ kind: "posted", ids: [ID], heard: true });
  }

  end(): this {
    return this.add({ kind: "end", how: "done", seconds: 1, detail: "" });
  }

  /** The first sweep: counted, restarted, a real chance. */
  first(): this {
    return this.begin().counted(1).restart().end();
  }

  /** The second one, until its deletion. */
  second(): this {
    return this.begin().counted(2).asked().intended();
  }

  /** What is broken, each rule once. */
  verdict(failing: readonly { id: string; hash: string; name: string }[] = []): Rule[] {
    this.#oracle.finish(["alice"], failing);
    return [...new Set(this.#oracle.violations.map(({ rule }) => rule))];
  }
}
