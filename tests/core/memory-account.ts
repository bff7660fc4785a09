import type { FailingStatus } from "../../src/core/magnet.ts";
import type { AccountClient, RestartOutcome } from "../../src/core/ports.ts";

/** One account in memory that does as it is asked, and what it was asked to do. */
export class MemoryAccount {
  /** The list that holds each failing magnet, by id. */
  readonly failing = new Map<string, FailingStatus>();
  readonly restarts: string[] = [];
  readonly deletes: string[] = [];
  readonly questions: string[] = [];

  client(name: string): AccountClient {
    const show = (id: string) => ({ id, filename: `Film ${id}`, statusCode: 15 });
    return {
      name,
      fingerprint: `fp-${name}`,
      list: async (list) => {
        const held = [...this.failing].filter(([, where]) => where === list);
        return held.map(([id]) => show(id));
      },
      getMagnet: async (id) => {
        this.questions.push(id);
        return this.failing.has(id) ? show(id) : "gone";
      },
      user: async () => ({ username: name, isPremium: true, isTrial: false }),
      restart: async (ids) => {
        this.restarts.push(...ids);
        const outcomes = new Map<string, RestartOutcome>(ids.map((id) => [id, { kind: "accepted" }]));
        return { outcomes };
      },
      delete: async (id) => {
        this.deletes.push(id);
        return this.failing.delete(id) ? { kind: "deleted" } : { kind: "gone" };
      },
    };
  }
}
