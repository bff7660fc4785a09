import { type AllDebridSandbox, startAllDebrid } from "../../examples/sandbox/alldebrid.ts";
import { type ArrSandbox, startArr } from "../../examples/sandbox/arr.ts";
import { standingClock } from "../../examples/sandbox/clock.ts";
import { type DiscordSandbox, startDiscord } from "../../examples/sandbox/discord.ts";

/** The fakes that all scenes of a test file share. */
export interface Stage {
  readonly alldebrid: AllDebridSandbox;
  readonly discord: DiscordSandbox;
  readonly sonarr: ArrSandbox;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const alldebrid = await startAllDebrid({ rateLimit: false, clock: standingClock() });
  const discord = await startDiscord({ rateLimit: false });
  const sonarr = await startArr();
  return {
    alldebrid,
    discord,
    sonarr,
    close: async () => {
      await Promise.all([alldebrid.close(), discord.close(), sonarr.close()]);
    },
  };
}
