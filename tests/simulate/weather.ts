import { complete, fail, type ModelAccount, newMagnet } from "./alldebrid-account.ts";
import type { AllDebridModel } from "./alldebrid-model.ts";
import type { DiscordModel } from "./discord-model.ts";
import type { EventKind } from "./events.ts";
import type { World } from "./story.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Accounts' troubles: the codes with which AllDebrid refuses everything for some sweeps. */
const TROUBLES: readonly (readonly [EventKind, readonly string[]])[] = [
  ["wrong key", ["AUTH_BAD_APIKEY", "AUTH_MISSING_APIKEY"]],
  ["blocked or banned", ["AUTH_BLOCKED", "AUTH_USER_BANNED"]],
  ["address refused", ["NO_SERVER", "MAGNET_NO_SERVER"]],
  ["premium over", ["MUST_BE_PREMIUM", "MAGNET_MUST_BE_PREMIUM"]],
];
const PATHS = ["magnet/restart", "magnet/delete", "magnet/upload", "user"];

/** What goes on between two sweeps and while one runs, whatever the program does. */
export class Weather {
  readonly #world: World;
  readonly #alldebrid: AllDebridModel;
  readonly #discord: DiscordModel;
  #webhookLeft = 0;
  #missing: string | undefined;
  #isDiscontinued = false;

  constructor(world: World, alldebrid: AllDebridModel, discord: DiscordModel) {
    this.#world = world;
    this.#alldebrid = alldebrid;
    this.#discord = discord;
    alldebrid.withdrawn.set("/v4/magnet/status", "DISCONTINUED");
  }

  /** Time passes until the next sweep; `died`: the last one was killed. */
  pass(cycleSeconds: number, died: boolean): void {
    const { story, time } = this.#world;
    const random = story.world;
    let ms = cycleSeconds * 1000 * (0.95 + random.next() / 10);
    if (story.strikes("gap of days", random)) ms = random.between(30, 9 * 24) * HOUR_MS;
    if (story.strikes("gap of weeks", random)) ms = random.between(20, 120) * DAY_MS;
    if (story.strikes("sweep right after another", random)) ms = random.between(50, 50_000);
    // Whoever stopped a sweep may start one by hand at once.
    else if (died && random.chance(0.3)) {
      story.note("sweep right after another", "the last one died");
      ms = random.between(50, 900);
    }
    if (time.ahead !== 0 && random.chance(0.4)) time.setAhead(0);
    if (story.strikes("clock set back", random)) time.setAhead(-random.pick([HOUR_MS, DAY_MS, 400 * DAY_MS]));
    if (story.strikes("clock set ahead", random))
      time.setAhead(random.pick([HOUR_MS, 3 * DAY_MS, 400 * DAY_MS]));
    time.pass(Math.floor(ms));
    this.#alldebrid.endpoints.settle();
  }

  /** What has changed since the last sweep. */
  turn(): void {
    const { story } = this.#world;
    const random = story.world;
    for (const account of this.#alldebrid.accounts) {
      this.#troubles(account);
      this.#magnets(account);
    }
    const { endpoints, withdrawn } = this.#alldebrid;
    endpoints.deprecated = story.strikes("deprecated flag", random);
    if (!this.#isDiscontinued && story.strikes("v4 discontinued", random)) {
      this.#isDiscontinued = true;
      for (const path of PATHS)
        withdrawn.set(`/v4/${path}`, random.pick(["DISCONTINUED", "DISCONTINUED", "404"]));
    } else if (this.#isDiscontinued) {
      story.note("v4 discontinued", "for good");
    }
    if (this.#missing !== undefined) withdrawn.delete(this.#missing);
    this.#missing = undefined;
    if (!this.#isDiscontinued && story.strikes("endpoint version missing", random)) {
      this.#missing = `${random.pick(["/v4/", "/v4.1/"])}${random.pick(PATHS)}`;
      withdrawn.set(this.#missing, random.pick(["DISCONTINUED", "404"]));
    }
    const { accounts } = this.#alldebrid;
    this.#alldebrid.victim = random.chance(0.4) ? random.pick(accounts).username : undefined;
    this.#alldebrid.slowest = story.strikes("slow way", random) ? 4_000 : 120;
    if (--this.#webhookLeft <= 0) this.#discord.webhook = "works";
    if (story.strikes("Discord: webhook gone", random)) this.#discord.webhook = "gone";
    else if (story.strikes("Discord: channel refuses", random)) this.#discord.breakChannel();
    else return;
    this.#webhookLeft = random.between(1, 4);
  }

  /** What will change while the next sweep runs. To be called in its process: the clock may be set, too. */
  duringSweep(): void {
    const { story, time } = this.#world;
    const random = story.world;
    for (const account of this.#alldebrid.accounts) {
      for (const magnet of account.magnets.values()) {
        if (!story.strikes("magnet changes during a sweep", random, magnet.id)) continue;
        this.#alldebrid.endpoints.after(random.between(50, 3_000), () => {
          if (magnet.state === "ready") fail(magnet, random);
          else complete(magnet);
          this.#changed(account, magnet.id, magnet.state);
        });
      }
    }
    if (!story.strikes("clock set during a sweep", random)) return;
    const ahead = random.pick([-DAY_MS, -HOUR_MS, HOUR_MS, 2 * DAY_MS]);
    setTimeout(() => time.setAhead(ahead), random.between(50, 3_000));
  }

  /** Everything works from now on; what fails, fails for good. */
  calmDown(): void {
    const { time } = this.#world;
    time.setAhead(0);
    this.#discord.webhook = "works";
    this.#alldebrid.slowest = 120;
    this.#alldebrid.endpoints.calm = true;
    this.#alldebrid.endpoints.deprecated = false;
    if (this.#missing !== undefined) this.#alldebrid.withdrawn.delete(this.#missing);
    for (const account of this.#alldebrid.accounts) {
      account.trouble = undefined;
      account.slots = 1_000;
      account.ghosts.length = 0;
      for (const magnet of account.magnets.values()) if (magnet.life !== "refused") magnet.life = "hopeless";
    }
  }

  #troubles(account: ModelAccount): void {
    const { story } = this.#world;
    const random = story.world;
    account.slots = random.pick([30, 30, 30, 3]);
    if (account.trouble && account.trouble.left-- <= 0) account.trouble = undefined;
    for (const [kind, codes] of TROUBLES) {
      if (!story.strikes(kind, random, account.username)) continue;
      account.trouble = { code: random.pick(codes), left: random.between(0, 5) };
    }
  }

  #magnets(account: ModelAccount): void {
    const { story, time } = this.#world;
    const random = story.world;
    const { endpoints } = this.#alldebrid;
    const wasThere = [...account.magnets.values()];
    for (const magnet of wasThere) {
      if (magnet.state === "failing" && story.strikes("magnet works again", random, magnet.id)) {
        complete(magnet);
        this.#changed(account, magnet.id, "ready");
      } else if (magnet.state === "ready" && story.strikes("magnet fails again", random, magnet.id)) {
        fail(magnet, random);
        this.#changed(account, magnet.id, "failing");
      } else if (story.strikes("magnet removed by hand", random, magnet.id)) {
        endpoints.remove(account, magnet, "hand");
      }
    }
    // An id can have been given away before anybody noticed that its magnet is gone.
    for (const magnet of [...account.magnets.values()]) {
      if (magnet.state !== "failing" || !story.strikes("id used for another torrent", random, magnet.id))
        continue;
      endpoints.remove(account, magnet, "hand");
      endpoints.add(account, newMagnet(magnet.id, random, time.now));
    }
    const gone = [...account.gone.values()].filter(({ id }) => !account.magnets.has(id));
    if (gone.length > 0 && story.strikes("magnet uploaded again", random)) {
      const old = random.pick(gone);
      // Most get a new id. The same one again is known by its upload date, if the clock was right.
      const id = time.ahead === 0 && !this.#clockWasWrong && random.chance(0.3) ? old.id : endpoints.nextId();
      const again = { ...newMagnet(id, random, time.now), hash: old.hash, name: old.name };
      endpoints.add(account, { ...again, uploadDate: Math.floor(time.now / 1000) }, id === old.id);
    }
    const { id } = gone.length > 0 ? random.pick(gone) : { id: "" };
    if (
      gone.length > 0 &&
      !account.magnets.has(id) &&
      story.strikes("id used for another torrent", random, id)
    ) {
      endpoints.add(account, newMagnet(id, random, time.now));
    }
    if (account.magnets.size < 60 && story.strikes("new magnet", random, account.username)) {
      endpoints.add(account, newMagnet(endpoints.nextId(), random, time.now));
    }
    this.#clockWasWrong ||= time.ahead !== 0;
  }

  #clockWasWrong = false;

  #changed(account: ModelAccount, id: string, to: string): void {
    this.#world.log.add({ kind: "changed", account: account.username, id, to });
  }
}
