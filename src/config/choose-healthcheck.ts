import { checkHealthcheck } from "./check-healthcheck.ts";
import type { Problem } from "./problem.ts";
import type { Settings } from "./schema.ts";

/** The healthcheck's address, if any, and what is to be said about it. */
export interface ChosenHealthcheck {
  readonly url?: string;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Takes the healthcheck from the config file; `""` and null are none. */
export function chooseHealthcheck(settings: Pick<Settings, "healthcheck_url">): ChosenHealthcheck {
  const address = settings.healthcheck_url?.trim();
  if (!address) return { problems: [], warnings: [] };
  const say = (text: string): Problem => ({ inFile: true, path: ["healthcheck_url"], text });
  const check = checkHealthcheck(address);
  if ("problem" in check) return { problems: [say(check.problem)], warnings: [] };
  const { url, warning } = check;
  return { url, problems: [], warnings: warning === undefined ? [] : [say(warning)] };
}
