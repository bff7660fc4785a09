import { listOf, type ModelAccount, type ModelMagnet, show } from "./alldebrid-account.ts";
import { entryOf, type Reply, shapeOf, success } from "./alldebrid-responses.ts";
import type { ListName, Shown } from "./log.ts";
import type { Story, World } from "./story.ts";

/** A list of magnets with one status, or what AllDebrid may answer in its place. */
export function listReply(
  { story }: World,
  account: ModelAccount,
  list: ListName,
  deprecated: boolean,
): Reply {
  const random = story.requests;
  const who = `${account.username}'s ${list} list`;
  const strikes = (kind: Parameters<Story["strikes"]>[0]) => story.strikes(kind, random, who);
  if (strikes("list null")) {
    const heard = {
      kind: "heard list",
      account: account.username,
      list,
      fresh: false,
      certain: false,
      magnets: [],
    } as const;
    return success({ magnets: null }, [heard], deprecated);
  }
  let pool: readonly ModelMagnet[] = [...account.magnets.values()];
  let fresh = true;
  if (account.copies.length > 0 && strikes("list old")) {
    pool = random.pick(account.copies);
    fresh = false;
  }
  let shown = pool.filter((magnet) => listOf(magnet) === list);
  if (strikes("list unfiltered")) {
    shown = [...pool];
    fresh = false;
  }
  if (shown.length > 0 && strikes("list partial")) {
    shown = shown.filter(() => random.chance(0.5));
    fresh = false;
  }
  const other = list === "expired" ? "error" : "expired";
  if ((list === "expired" || list === "error") && strikes("list shows the other list too")) {
    shown = [...new Set([...shown, ...pool.filter((magnet) => listOf(magnet) === other)])];
    fresh = false;
  }
  for (const ghost of account.ghosts) {
    if (ghost.left <= 0 || listOf(ghost.magnet) !== list) continue;
    ghost.left--;
    if (!shown.some(({ id }) => id === ghost.magnet.id)) shown.push(ghost.magnet);
    fresh = false;
  }
  const omissions = {
    codes: strikes("list without codes"),
    hashes: strikes("list without hashes"),
    names: strikes("list without names"),
  };
  const magnets = shown.map((magnet): Shown => {
    const whole = show(magnet);
    return {
      id: whole.id,
      text: whole.text,
      hash: omissions.hashes ? undefined : whole.hash,
      code: omissions.codes ? undefined : whole.code,
      name: omissions.names ? undefined : whole.name,
    };
  });
  const entries = shown.map((magnet) => entryOf(magnet, random, omissions));
  const heard = {
    kind: "heard list",
    account: account.username,
    list,
    fresh,
    certain: true,
    magnets,
  } as const;
  return success({ magnets: shapeOf(entries, random, "list") }, [heard], deprecated);
}
