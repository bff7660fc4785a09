import type { AllDebridSandbox } from "./alldebrid.ts";
import {
  deletedByAnotherHand,
  filesRemoved,
  internalError,
  neverRecovers,
  processing,
  recovers,
  refusesRestarts,
  takesTwoCycles,
  tooSlow,
} from "./magnet-life.ts";
import type { AccountSeed } from "./sandbox-account.ts";

/** The rules that the demo's owner has set. */
export const DEMO_RULES = { max_retries: 3, protect: ["*family*"] };

/** Names of the magnets, which all that follows speaks of. */
const SINTEL = "Sintel.2010.1080p.mkv";
const TEARS = "Tears.of.Steel.2012.4K.mkv";
const COSMOS = "Cosmos.Laundromat.2015.1080p.mkv";
const HOSTILE = "@everyone **free** [films](https://example.invalid) \u001b[31m\u202egnp.exe";
const FAMILY = "Family.Videos.1998-2004.zip";
const CHARGE = "Charge.2022.1080p.mkv";
const ELEPHANTS = "Elephants.Dream.2006.720p.avi";
const DEBIAN = "debian-13.0.0-amd64-DVD-1.iso";
const SPRITE = "Sprite.Fright.2021.2160p.mkv";
const CAMINANDES = "Caminandes.Llamigos.2016.1080p.mkv";
const SPRING = "Spring.2019.2160p.mkv";

/** The two accounts, as they are before the first cycle. Minutes count from then. */
export const DEMO_ACCOUNTS: readonly (AccountSeed & { username: string })[] = [
  {
    key: "demoKeyOfTheMainAccount",
    username: "main",
    magnets: [
      { filename: SINTEL, size: 1_180_000_000, life: recovers() },
      { filename: TEARS, size: 6_700_000_000, life: takesTwoCycles() },
      { filename: COSMOS, size: 220_000_000, life: neverRecovers() },
      { filename: HOSTILE, size: 12_000_000, life: neverRecovers() },
      { filename: FAMILY, size: 9_800_000_000, life: neverRecovers(5, filesRemoved) },
      { filename: CHARGE, size: 350_000_000, life: deletedByAnotherHand(50) },
      {
        filename: ELEPHANTS,
        size: 445_000_000,
        life: { ...neverRecovers(5, filesRemoved), now: "ready", failsAfterMinutes: 40 },
      },
      {
        filename: DEBIAN,
        size: 3_900_000_000,
        life: { ...neverRecovers(20, tooSlow), now: "processing", failsAfterMinutes: 130 },
      },
    ],
  },
  {
    key: "demoKeyOfTheSpareAccount",
    username: "spare",
    activeSlots: 1,
    magnets: [
      { filename: SPRITE, size: 2_900_000_000, life: processing(100) },
      { filename: CAMINANDES, size: 150_000_000, life: recovers() },
      {
        filename: SPRING,
        size: 2_100_000_000,
        life: refusesRestarts("MAGNET_PROCESSING_FAILED", internalError, "Processing of this magnet failed"),
      },
    ],
  },
];

/** Magnets that came by Sonarr. Whichever of them is deleted must be marked as failed there. */
export const DEMO_GRABBED: readonly string[] = [COSMOS, TEARS];

/** One sweep of the demo: what happens before it, and what must come of it, by the fakes' own books. */
export type DemoCycle = {
  /** What there is to see, in a sentence or two. */
  story: string;
  /** What goes wrong or right at AllDebrid just before. */
  before?: (alldebrid: AllDebridSandbox) => void;
  exitCode: 0 | 3;
  /** Magnets that AllDebrid was made to restart. */
  restarted: readonly string[];
  /** Magnets that the program deleted, each of which must be announced. */
  deleted: readonly string[];
  /** Accounts of which something else must be announced: that they stopped working, or work again. */
  alerted?: readonly string[];
};

const SPARE = "demoKeyOfTheSpareAccount";

/** Six cycles, half an hour apart. */
export const DEMO_CYCLES: readonly DemoCycle[] = [
  {
    story:
      "Eight magnets are failing. Each is counted and restarted, except two: AllDebrid refuses to restart Spring, by a " +
      "code that blames the magnet itself, and the spare account's one slot is taken, so Caminandes gets no turn.",
    exitCode: 0,
    restarted: [SINTEL, TEARS, COSMOS, HOSTILE, FAMILY, CHARGE],
    deleted: [],
  },
  {
    story:
      "Sintel has recovered: its counter is forgotten. And the spare account begins a bad hour: AllDebrid takes its " +
      "address for a VPN's. The main account is swept all the same, and exit code 3 asks for attention.",
    before: (alldebrid) => {
      alldebrid.account(SPARE).trouble = "no-server";
    },
    exitCode: 3,
    restarted: [TEARS, COSMOS, HOSTILE, FAMILY, CHARGE],
    deleted: [],
  },
  {
    story:
      "Third sighting (max_retries is 3): two magnets are deleted and announced, one of them with a name made to " +
      "cause harm. The other came by Sonarr, which is told that it failed and searches again. The family's videos match " +
      "`protect` and are restarted instead. Tears of Steel took two restarts to recover, and somebody else deleted " +
      "Charge: both are forgotten. Elephants Dream begins to fail. The spare account is refused for the second time, " +
      "so Discord says what to do.",
    exitCode: 3,
    restarted: [FAMILY, ELEPHANTS],
    deleted: [COSMOS, HOSTILE],
    alerted: ["spare"],
  },
  {
    story:
      "The bad hour is over. The spare account's magnets lost nothing by it: this is their second sighting.",
    before: (alldebrid) => {
      alldebrid.account(SPARE).trouble = null;
    },
    exitCode: 0,
    restarted: [FAMILY, ELEPHANTS],
    deleted: [],
  },
  {
    story:
      "Caminandes is at three sightings, but for want of a slot it was never restarted: it gets its second chance, and " +
      "now that the slot is free, a restart. Elephants Dream had its restarts, Spring's were refused because of Spring " +
      "itself: both are deleted. The spare account's second good sweep in a row is announced.",
    exitCode: 0,
    restarted: [FAMILY, CAMINANDES],
    deleted: [ELEPHANTS, SPRING],
    alerted: ["spare"],
  },
  {
    story:
      "Caminandes has recovered. A Debian image has not finished within 72 hours and is counted for the first time.",
    exitCode: 0,
    restarted: [FAMILY, DEBIAN],
    deleted: [],
  },
];

/** What `magnets status` must still track after the last cycle: sightings by name. */
export const DEMO_TRACKED: Readonly<Record<string, number>> = { [FAMILY]: 6, [DEBIAN]: 1 };
