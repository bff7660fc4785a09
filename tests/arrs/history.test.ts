import { describe, expect, it } from "vitest";
import type { HistoryRecord } from "../../src/arrs/client.ts";
import { grabsToFail, outcomeOf } from "../../src/arrs/tell-arrs.ts";

const ON = { searches: true, searchesInteractive: true };

/** Records, newest first as a server gives them: `grabbed 1`, `imported 2` or `failed 3`, the number is the second. */
function records(...events: string[]): HistoryRecord[] {
  const words: Record<string, string> = { imported: "downloadFolderImported", failed: "downloadFailed" };
  return events
    .map((event, index) => {
      const [word = "", at, movie] = event.split(" ");
      const releaseSource = word === "picked" ? "InteractiveSearch" : "Search";
      const eventType = word === "picked" ? "grabbed" : (words[word] ?? word);
      const movieId = movie === undefined ? undefined : Number(movie);
      return { id: index + 1, eventType, date: Number(at) * 1000, movieId, data: { releaseSource } };
    })
    .reverse();
}

describe("what is to be marked as failed", () => {
  it.each<[string, "sonarr" | "radarr", string[], string[]]>([
    ["a grab", "sonarr", ["grabbed 1"], ["searches"]],
    ["a season, once", "sonarr", ["grabbed 1", "grabbed 1", "grabbed 1"], ["searches"]],
    ["nothing that was never grabbed", "sonarr", ["imported 1"], []],
    ["nothing that failed later", "sonarr", ["grabbed 1", "failed 2"], []],
    ["nothing that failed in the same second", "sonarr", ["grabbed 1", "failed 1"], []],
    ["what was grabbed again", "sonarr", ["grabbed 1", "failed 2", "grabbed 3"], ["searches"]],
    ["what was imported", "sonarr", ["grabbed 1", "imported 2"], ["keeps"]],
    [
      "what was imported before, and grabbed again",
      "sonarr",
      ["grabbed 1", "imported 2", "grabbed 3"],
      ["searches"],
    ],
    ["each movie", "radarr", ["grabbed 1 7", "grabbed 1 8"], ["searches", "searches"]],
    ["the movie that did not fail", "radarr", ["grabbed 1 7", "grabbed 1 8", "failed 2 7"], ["searches"]],
    ["each movie as it is", "radarr", ["grabbed 1 7", "grabbed 1 8", "imported 2 7"], ["keeps", "searches"]],
  ])("%s", (_, kind, events, expected) => {
    const grabs = grabsToFail(records(...events), { kind, ...ON });
    expect(grabs.map(({ outcome }) => outcome).sort()).toEqual(expected);
  });

  it("is always a grab, the newest", () => {
    const found = records("grabbed 1", "imported 2", "failed 3", "grabbed 4", "imported 5");
    expect(grabsToFail(found, { kind: "sonarr", ...ON })).toEqual([{ id: 4, outcome: "keeps" }]);
  });

  it("is one grab where Radarr names no movie, be it null or left out", () => {
    const [failure, grab] = records("grabbed 1", "failed 2");
    const found = [{ ...(failure as HistoryRecord), movieId: null }, grab as HistoryRecord];
    expect(grabsToFail(found, { kind: "radarr", ...ON })).toEqual([]);
  });

  it.each<[string, boolean, boolean, string]>([
    ["grabbed 1", false, false, "off"],
    ["picked 1", true, false, "off"],
    ["picked 1", true, true, "searches"],
    ["grabbed 1", true, false, "searches"],
  ])("%s with searches %s, interactive %s: %s", (event, searches, searchesInteractive, outcome) => {
    const status = { kind: "sonarr", searches, searchesInteractive } as const;
    expect(grabsToFail(records(event), status)).toEqual([{ id: 1, outcome }]);
  });
});

it("the outcome of several is one that is true of all", () => {
  const grab = (outcome: "searches" | "off" | "keeps") => ({ id: 1, outcome });
  expect(outcomeOf([grab("searches"), grab("searches")], true)).toBe("searches");
  expect(outcomeOf([grab("searches"), grab("keeps")], true)).toBe("marked");
  expect(outcomeOf([], true)).toBe("already");
  expect(outcomeOf([], false)).toBe("not grabbed");
});
