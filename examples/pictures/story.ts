import {
  filesRemoved,
  type Life,
  neverRecovers,
  recovers,
  takesTwoCycles,
  tooSlow,
} from "../sandbox/magnet-life.ts";
import type { AccountSeed } from "../sandbox/sandbox-account.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** When the first sweep begins. */
export const START = Date.UTC(2026, 4, 9, 8, 0);
export const SWEEPS = 24;
export const BETWEEN_SWEEPS_MS = 30 * MINUTE;
/** How long after the last sweep somebody looks at status and check. */
export const LATER_MS = 12 * MINUTE;
/** When the timer fires next. */
export const NEXT_SWEEP = new Date(START + SWEEPS * BETWEEN_SWEEPS_MS);

/** The rules that the owner has set; `max_retries` is 5. */
export const RULES = { protect: ["*family*"] };

/** A magnet that is fine until it begins to fail, just before the sweep of that number. */
function magnet(filename: string, gigabytes: number, fromSweep: number, life: Life) {
  const failsAfterMinutes = (fromSweep - 1) * 30 - 1;
  const size = gigabytes * 1_000_000_000;
  return { filename, size, life: { ...life, now: "ready", failsAfterMinutes } as const };
}

/** Two accounts, as they are before the first sweep. Ids go up in this order. */
export const ACCOUNTS: readonly (AccountSeed & { username: string })[] = [
  {
    key: "pictureKeyOfTheMainAccount",
    username: "main",
    premiumUntil: new Date(START + 218 * DAY),
    magnets: [
      magnet("Elephants.Dream.2006.720p.avi", 0.445, 2, neverRecovers(5, filesRemoved)),
      magnet("Sintel.2010.1080p.mkv", 1.18, 3, takesTwoCycles()),
      magnet("Monkaa.2014.1080p.mkv", 0.51, 3, recovers()),
      magnet("Valkaama.2010.720p.mkv", 1.9, 9, recovers()),
      magnet("Sita.Sings.the.Blues.2008.mkv", 4.2, 9, recovers()),
      magnet("Family.Videos.1998-2004.zip", 9.8, 17, neverRecovers(5, filesRemoved)),
      magnet("Cosmos.Laundromat.2015.1080p.mkv", 2.22, 20, neverRecovers()),
      magnet("東京.街歩き.2019.2160p.mkv", 6.4, 21, neverRecovers(20, tooSlow)),
      magnet("Tears.of.Steel.2012.4K.mkv", 6.7, 22, neverRecovers()),
      magnet("debian-13.0.0-amd64-DVD-1.iso", 3.9, 24, neverRecovers(20, tooSlow)),
    ],
  },
  {
    key: "pictureKeyOfTheSpareAccount",
    username: "spare",
    premiumUntil: new Date(START + 5.5 * DAY),
    magnets: [
      magnet("Glass.Half.2015.1080p.mkv", 0.15, 11, neverRecovers()),
      magnet("Big.Buck.Bunny.2008.1080p.mkv", 0.69, 9, takesTwoCycles()),
      magnet("Spring.2019.2160p.mkv", 2.1, 21, neverRecovers()),
      magnet("Caminandes.Llamigos.2016.1080p.mkv", 0.15, 23, recovers()),
      magnet("Sprite.Fright.2021.2160p.mkv", 2.9, 23, neverRecovers()),
    ],
  },
];

/** An account with an episode that a Sonarr grabbed, which is deleted at the third sighting. */
export const EPISODE = {
  key: "pictureKeyOfTheSeriesAccount",
  username: "series",
  max_retries: 3,
  magnets: [
    {
      filename: "Pioneer.One.S01E03.720p.mkv",
      size: 920_000_000,
      hash: "f36f810cb9ed758b1e2184c536d51df5774f61a8",
      life: neverRecovers(0),
    },
  ],
} satisfies AccountSeed & { username: string; max_retries: number };
