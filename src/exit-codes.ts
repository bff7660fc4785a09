/** What the process's exit code says. The same table stands in README and in `--help`. */
export const ExitCode = {
  /** All done. */
  ok: 0,
  /** It could not do its work: state not readable or writable, or a bug. */
  failed: 1,
  /** Usage or configuration: nothing was done. */
  usage: 2,
  /** The sweep finished, and something needs attention. */
  attention: 3,
  /** Another run holds the lock: nothing was done (`EX_TEMPFAIL` of sysexits.h). */
  locked: 75,
  /** Ended by SIGINT. */
  interrupted: 130,
  /** Ended by SIGTERM. */
  terminated: 143,
} as const;

/** One of them. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
