import type { ExitCode } from "../exit-codes.ts";

/** What became of one magnet that was to be restored. */
export interface RestoreResult {
  /** The id it was deleted with. */
  id: string;
  /** Raw: clean it at the sink. */
  filename: string | null;
  /** The account it was added to, or should have been. */
  account: string | null;
  hash: string | null;
  restored: boolean;
  /** The id it has now. */
  new_id: string | null;
  /** It is complete already; null where that is not known. */
  ready: boolean | null;
  error: string | null;
  /** What the person should know though it went well. */
  note: string | null;
}

/** What `magnets restore id...` did: its document with `--json`. */
export interface RestoreReport {
  version: 1;
  exit_code: ExitCode;
  magnets: RestoreResult[];
}
