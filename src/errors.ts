/** What the process's exit code says. The same table stands in README and in `--help`. */
export const ExitCode = {
  ok: 0,
  failed: 1, // It could not do its work: state not readable or writable, or a bug.
  usage: 2, // Usage or configuration: nothing was done.
  attention: 3, // The sweep finished, and something needs attention.
  locked: 75, // Another run holds the lock: nothing was done (`EX_TEMPFAIL` of sysexits.h).
  interrupted: 130, // SIGINT
  terminated: 143, // SIGTERM
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * A failure that is expected to happen to people. Its message is one line (or a list of problems, a line each) that
 * says what is wrong and what to do next, and holds no secret. Anything else that is thrown is a bug: it prints its stack.
 */
export abstract class MagnetsError extends Error {
  /** What the process exits with when this error ends it. */
  abstract readonly exitCode: ExitCode;
}

/** The command line or the configuration is wrong; nothing was done. */
export class UsageError extends MagnetsError {
  override readonly name: string = "UsageError";
  readonly exitCode = ExitCode.usage;
}

/** State can't be read or written: permissions, I/O, a full disk, a file of a newer version. */
export class StateError extends MagnetsError {
  override readonly name = "StateError";
  readonly exitCode = ExitCode.failed;
}

/** Another run holds the lock. */
export class LockedError extends MagnetsError {
  override readonly name = "LockedError";
  readonly exitCode = ExitCode.locked;
}
