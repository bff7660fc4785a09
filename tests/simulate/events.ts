/**
 * What can happen: in what share of a story's stormy sweeps a kind of event is in the air, and how often it then
 * strikes where it can (a request, a magnet, a deletion).
 */
export const EVENTS = {
  // Lists (facts: the filter not obeyed, old copies, "only about 100 recent magnets", three shapes).
  "list old": [0.06, 0.6],
  "list partial": [0.05, 0.5],
  "list unfiltered": [0.05, 0.6],
  "list null": [0.02, 0.4],
  "list without codes": [0.04, 0.6],
  "list without hashes": [0.03, 0.6],
  "list without names": [0.05, 0.6],
  "list shows the other list too": [0.03, 0.6],
  "list shows a deleted magnet": [0.12, 0.6],
  // Questions by id.
  "question: another magnet in the response": [0.1, 0.4],
  "question: all magnets in the response": [0.12, 0.4],
  // Any request.
  "no connection": [0.03, 0.15],
  "connection reset": [0.05, 0.15],
  hang: [0.04, 0.08],
  "late response": [0.05, 0.3],
  "slow way": [0.04, 1],
  "503 with a page": [0.05, 0.15],
  "503 empty": [0.03, 0.15],
  "504": [0.06, 0.15],
  "502": [0.03, 0.15],
  "200 with a page": [0.03, 0.12],
  "200 empty": [0.05, 0.15],
  "reconnect before the JSON": [0.05, 0.2],
  "JSON cut short": [0.03, 0.12],
  "429 for a moment": [0.04, 0.15],
  "429 for long": [0.1, 0.4],
  GENERIC: [0.06, 0.15],
  MAINTENANCE: [0.03, 0.2],
  // Restarts.
  "restart refused for the magnet's own sake": [0.05, 0.4],
  "restart refused without a chance": [0.08, 0.4],
  "restart refused with a new code": [0.04, 0.4],
  "restart: already processing": [0.04, 0.3],
  "restart: slots full": [0, 0],
  "restart: batch answered in part": [0.04, 0.5],
  "restart: batch answered with one message": [0.06, 0.6],
  "restart: batch refused as a whole": [0.05, 0.5],
  // Deletions.
  "deletion: no clear response": [0.2, 0.6],
  "deletion: refused": [0.12, 0.6],
  "deletion carried out later": [0.09, 0.5],
  "deletion confirmed twice": [1, 1],
  "deletion confirmed, not carried out": [0.07, 0.5],
  // Accounts and endpoints.
  "wrong key": [0.02, 1],
  "blocked or banned": [0.02, 1],
  "address refused": [0.02, 1],
  "premium over": [0.02, 1],
  "user not told": [0.05, 0.7],
  "deprecated flag": [0.06, 1],
  "v4 discontinued": [0.01, 1],
  "endpoint version missing": [0.02, 1],
  // What the owner does.
  "key replaced": [0.03, 1],
  "second key of an account": [0.03, 1],
  "keys in another order": [0.02, 1],
  "account renamed": [0.02, 1],
  "account taken out": [0.03, 1],
  "account put back": [0.3, 1],
  "counters reset": [0.02, 1],
  "all counters reset": [0.015, 1],
  "run without a cap": [0.05, 1],
  "dry run beside a sweep": [0.05, 1],
  // Magnets.
  "magnet works again": [0.06, 0.2],
  "magnet fails again": [0.08, 0.4],
  "magnet changes during a sweep": [0.06, 0.3],
  "magnet removed by hand": [0.05, 0.12],
  "magnet uploaded again": [0.06, 0.5],
  "id used for another torrent": [0.06, 0.25],
  "new magnet": [0.15, 1],
  // Time.
  "gap of days": [0.05, 1],
  "gap of weeks": [0.015, 1],
  "clock set back": [0.03, 1],
  "clock set ahead": [0.02, 1],
  "clock set during a sweep": [0.02, 1],
  "sweep right after another": [0.05, 1],
  // The machine.
  "killed at a write": [0.06, 1],
  "killed at a request": [0.06, 1],
  "power lost": [0.04, 1],
  "disk full": [0.04, 1],
  "stopped by a signal": [0.03, 1],
  // Discord.
  "Discord: 429": [0.1, 0.6],
  "Discord: 5xx": [0.05, 0.5],
  "Discord: saved, response lost": [0.12, 0.5],
  "Discord: hang": [0.06, 0.4],
  "Discord: blames a notice": [0.06, 0.5],
  "Discord: takes a notice in no form": [0.12, 0.4],
  "Discord: channel refuses": [0.03, 1],
  "Discord: webhook gone": [0.02, 1],
} as const satisfies Record<string, readonly [inTheAir: number, strikes: number]>;

export type EventKind = keyof typeof EVENTS;

export const EVENT_KINDS = Object.keys(EVENTS) as EventKind[];
