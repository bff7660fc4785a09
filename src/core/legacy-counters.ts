/** The file that holds the original program's counters, as found on disk. */
export interface LegacyCounters {
  readonly path: string;
  /** The file's text; absent when there is no such file. */
  readonly text?: string;
  /** Why the file, though there, could not be read. */
  readonly error?: string;
}
