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
import type { MagnetSeed } from "./sandbox-magnet.ts";

/** One magnet of each fate, for a look at everything that can happen. */
export function livelyMagnets(): MagnetSeed[] {
  return [
    { filename: "Big.Buck.Bunny.2008.2160p.mkv", size: 4_300_000_000 },
    { filename: "Sintel.2010.1080p.mkv", size: 1_180_000_000, life: recovers(10) },
    { filename: "Tears.of.Steel.2012.4K.mkv", size: 6_700_000_000, life: takesTwoCycles(10) },
    { filename: "Cosmos.Laundromat.2015.1080p.mkv", size: 220_000_000, life: neverRecovers(5) },
    { filename: "Elephants.Dream.2006.720p.avi", size: 445_000_000, life: neverRecovers(5, filesRemoved) },
    { filename: "debian-13.0.0-amd64-DVD-1.iso", size: 3_900_000_000, life: neverRecovers(20, tooSlow) },
    {
      filename: "Spring.2019.2160p.mkv",
      size: 2_100_000_000,
      life: refusesRestarts("MAGNET_PROCESSING_COOLDOWN", internalError),
    },
    { filename: "Charge.2022.1080p.mkv", size: 350_000_000, life: deletedByAnotherHand(75) },
    { filename: "Coffee.Run.2020.1080p.mkv", size: 180_000_000, life: { failsAfterMinutes: 40 } },
    { filename: "Sprite.Fright.2021.2160p.mkv", size: 2_900_000_000, life: processing(90) },
    {
      filename: "@everyone [free](https://example.invalid) *stars* \u001b[31mred\u001b[0m \u202egnp.exe",
      size: 12_000_000,
      life: neverRecovers(5),
    },
  ];
}
