import type { SizeWords } from "../core/human-size.ts";

/**
 * Every word that Discord shows, in one language. What a function receives is already escaped, and what it
 * returns may use Discord's markdown.
 */
export interface Texts {
  readonly deletedTitle: (name: string) => string;
  readonly unnamed: (id: string) => string;
  readonly status: string;
  readonly failures: string;
  readonly failingSince: string;
  readonly size: string;
  readonly account: string;
  readonly id: string;
  readonly magnetLink: string;
  readonly sizeWords: SizeWords;
  readonly capTitle: (due: number) => string;
  readonly capBody: (cap: { due: number; maxDeletes: number; account: string }) => string;
  readonly sampleTitle: string;
  readonly sampleBody: string;
}

export const englishTexts: Texts = {
  deletedTitle: (name) => `Deleted: ${name}`,
  unnamed: (id) => `magnet ${id}`,
  status: "Status",
  failures: "Failures",
  failingSince: "Failing since",
  size: "Size",
  account: "Account",
  id: "ID",
  magnetLink: "Magnet link, to add it again",
  sizeWords: { units: ["B", "kB", "MB", "GB", "TB", "PB"], decimalMark: "." },
  capTitle: (due) => `${due} deletions are due, none was done`,
  capBody: ({ due, maxDeletes, account }) =>
    `Account ${account} has ${due} magnets to delete, and \`max_deletes_per_run\` allows ${maxDeletes} in ` +
    "one run. So many at once may mean that AllDebrid has a problem, so all of them were left alone. " +
    "Look at them with `magnets status`; if they may go, run `magnets run-once --max-deletes 0`.",
  sampleTitle: "This is a test",
  sampleBody: "Notifications from magnets arrive here. Nothing was deleted.",
};
