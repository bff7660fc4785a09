import type { ModelAccount } from "./alldebrid-account.ts";
import type { AllDebridModel } from "./alldebrid-model.ts";
import type { Story } from "./story.ts";

/** One entry of `api_keys`. */
interface Entry {
  readonly username: string;
  name: string | undefined;
  key: string;
}

/** A key that AllDebrid has replaced; so many sweeps later the config has the new one. */
interface Replacement {
  readonly entry: Entry;
  readonly key: string;
  in: number;
}

/** Who runs the program: what stands in the config, and how it changes. */
export class Owner {
  entries: Entry[];
  #takenOut: Entry[] = [];
  readonly #replacements: Replacement[] = [];
  readonly #story: Story;
  readonly #alldebrid: AllDebridModel;
  #keys = 0;

  constructor(story: Story, alldebrid: AllDebridModel) {
    this.#story = story;
    this.#alldebrid = alldebrid;
    this.entries = alldebrid.accounts.map(({ username, keys: [key = ""] }) => ({
      username,
      key,
      name: story.world.chance(0.5) ? username : undefined,
    }));
  }

  /** The accounts of the config, each once. */
  get usernames(): string[] {
    return [...new Set(this.entries.map(({ username }) => username))];
  }

  get keys(): { account: string; key: string }[] {
    return this.entries.map(({ username, key }) => ({ account: username, key }));
  }

  get accounts(): { name: string; key: string }[] {
    return this.entries.map(({ name, key }, index) => ({ name: name ?? `account ${index + 1}`, key }));
  }

  /** What the owner does to the config between two sweeps. */
  act(): void {
    const { world } = this.#story;
    for (const replacement of [...this.#replacements]) if (replacement.in-- <= 0) this.#replace(replacement);
    const does = (kind: Parameters<Story["strikes"]>[0]) => this.#story.strikes(kind, world);
    if (this.entries.length > 0 && does("key replaced")) {
      const entry = world.pick(this.entries);
      const account = this.#account(entry.username);
      const key = this.#newKey();
      account.keys.add(key);
      account.keys.delete(entry.key);
      this.#replacements.push({ entry, key, in: world.pick([0, 0, 0, 1, 2]) });
      for (const replacement of [...this.#replacements]) if (replacement.in <= 0) this.#replace(replacement);
    }
    if (this.entries.length > 0 && does("second key of an account")) {
      const { username } = world.pick(this.entries);
      const key = this.#newKey();
      this.#account(username).keys.add(key);
      const name = world.chance(0.5) ? `${username}-${this.#keys}` : undefined;
      this.entries.splice(world.between(0, this.entries.length), 0, { username, key, name });
    }
    if (this.entries.length > 1 && does("keys in another order")) this.entries = world.shuffle(this.entries);
    if (this.entries.length > 0 && does("account renamed")) {
      world.pick(this.entries).name = world.chance(0.3) ? undefined : `name-${++this.#keys}`;
    }
    if (this.#takenOut.length > 0 && does("account put back")) this.#putBack();
    if (this.entries.length > 1 && does("account taken out")) {
      const { username } = world.pick(this.entries);
      this.#takenOut.push(...this.entries.filter((entry) => entry.username === username));
      this.entries = this.entries.filter((entry) => entry.username !== username);
    }
  }

  /** All accounts are configured, with keys that are good. */
  calmDown(): void {
    for (const replacement of [...this.#replacements]) this.#replace(replacement);
    this.#putBack();
    for (const entry of this.entries) this.#account(entry.username).keys.add(entry.key);
  }

  #putBack(): void {
    this.entries.push(...this.#takenOut);
    this.#takenOut = [];
  }

  #replace(replacement: Replacement): void {
    replacement.entry.key = replacement.key;
    this.#replacements.splice(this.#replacements.indexOf(replacement), 1);
  }

  #newKey(): string {
    return `key-${++this.#keys}-of-the-simulated-owner`;
  }

  #account(username: string): ModelAccount {
    const account = this.#alldebrid.accounts.find((each) => each.username === username);
    if (!account) throw new Error(`there is no account ${username}`);
    return account;
  }
}
