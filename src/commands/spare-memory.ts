import { setFlagsFromString } from "node:v8";

/**
 * What V8 (Node 20, 22, 24) looks at whenever it comes to the point, so that it takes effect in the midst of a run.
 *
 * - The optimizing compilers stay away: to use them at all takes 5 MB, most of it their own code.
 * - The young generation stays as large as it is. It would double, up to three times 16 MB, each time that as much as
 *   it holds has survived in it, and many answers of a megabyte, each alive for a moment, make it do so.
 * - The old one may grow by a third or 2 MB before it is collected as a whole; it would by 8 MB at least, up to fourfold.
 */
const FLAGS = [
  "--no-opt",
  "--no-maglev",
  "--no-sparkplug",
  "--semi-space-growth-factor=1",
  "--optimize-for-size",
];

/**
 * Keeps V8, for the rest of the process, from trading memory for time that a sweep doesn't want: a sweep waits for
 * AllDebrid nine tenths of its time.
 */
export function spareMemory(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}
