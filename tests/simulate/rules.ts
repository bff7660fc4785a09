/** The rules, each named by how it is broken. */
export const RULES = [
  "deleted before max_retries failures in a row",
  "deleted without a real chance",
  "deleted after a gap without a chance",
  "deleted before min_failing_hours",
  "deleted though protected",
  "deleted without being asked for by id",
  "deleted though not failing",
  "deleted though the id is another torrent's",
  "deleted over the cap",
  "deleted without an intent on disk",
  "done before it was counted on disk",
  "restarted though the cap holds it",
  "counted more often than seen",
  "counter lost",
  "not recorded",
  "not announced",
  "recorded, never happened",
  "recorded twice",
  "announced, never happened",
  "announced twice",
  "notice left over",
  "stuck",
  "more than 12 requests in a second",
  "more than 600 requests in a minute",
  "held up by another account's trouble",
  "waited for longer than half a minute",
  "a Sonarr was told of what was not deleted",
  "a Sonarr was told twice",
  "a Sonarr was not told",
  "a Sonarr was asked for more than ten",
  "held up by a Sonarr",
  "sweep without an end",
  "bug",
] as const;

export type Rule = (typeof RULES)[number];

export interface Violation {
  readonly rule: Rule;
  readonly sweep: number;
  readonly what: string;
}
