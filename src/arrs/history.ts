import type { ArrResult } from "../core/records.ts";

/** The two kinds whose failures can be told. */
export type ArrKind = "sonarr" | "radarr";

/** Whether a failure starts a search, by `config/downloadclient`. */
export interface ArrSettings {
  readonly searches: boolean;
  /** Also for what a person picked in the interactive search. */
  readonly searchesInteractive: boolean;
}

/** One record of a download in a server's history. */
export interface HistoryRecord {
  readonly id: number;
  /** A word: `grabbed`, `downloadFolderImported`, `downloadFailed`, … */
  readonly eventType: string;
  /** Milliseconds by the server's own clock, to the second. */
  readonly at: number;
  /** Radarr's. */
  readonly movieId: number | undefined;
  /** Of a grab: `Search`, `Rss`, `InteractiveSearch`, … */
  readonly releaseSource: string;
}

/**
 * What became of a deletion at a server: `searches` again; automatic search is `off` there; it `keeps` its file until
 * something better comes; it was marked as failed `already`, by somebody else; it was `not grabbed` there. `marked`:
 * of several movies, some search and some do not.
 */
export type ArrOutcome = Exclude<ArrResult["outcome"], "later">;

/** A grab to mark as failed, and what will come of that. */
export interface FailedGrab {
  readonly id: number;
  readonly outcome: "searches" | "off" | "keeps";
}

/**
 * Chooses the grabs to mark as failed: those whose newest grab has no later failure. One call takes a whole hash in
 * Sonarr, and one movie in Radarr (`FailedDownloadService.MarkAsFailed`). It is not idempotent, and the grabs stay in
 * the history; only the server's own dates are compared with each other.
 */
export function grabsToFail(
  records: readonly HistoryRecord[],
  kind: ArrKind,
  settings: ArrSettings,
): { readonly grabs: FailedGrab[]; readonly isKnown: boolean } {
  const groups = new Map<number | undefined, HistoryRecord[]>();
  for (const record of records) {
    const group = kind === "radarr" ? record.movieId : undefined;
    groups.set(group, [...(groups.get(group) ?? []), record]);
  }
  const grabs: FailedGrab[] = [];
  let isKnown = false;
  for (const group of groups.values()) {
    const newest = (eventType: string) =>
      group
        .filter((record) => record.eventType === eventType)
        .reduce<HistoryRecord | undefined>((a, b) => (a && a.at >= b.at ? a : b), undefined);
    const grab = newest("grabbed");
    if (!grab) continue;
    isKnown = true;
    const failure = newest("downloadFailed");
    if (failure && failure.at >= grab.at) continue;
    const imported = newest("downloadFolderImported");
    const searches =
      grab.releaseSource === "InteractiveSearch" ? settings.searchesInteractive : settings.searches;
    // An imported file is only replaced by something better, and a broken symlink still counts as a file.
    const isImported = imported !== undefined && imported.at >= grab.at;
    grabs.push({ id: grab.id, outcome: isImported ? "keeps" : searches ? "searches" : "off" });
  }
  return { grabs, isKnown };
}

/** What is true of all grabs of a hash together. */
export function outcomeOf(marked: readonly FailedGrab[], isKnown: boolean): ArrOutcome {
  const [first] = marked;
  if (!first) return isKnown ? "already" : "not grabbed";
  return marked.every(({ outcome }) => outcome === first.outcome) ? first.outcome : "marked";
}
