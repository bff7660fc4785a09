import { ExitCode } from "../errors.ts";

/** How long requests in flight may go on once the sweep is to end, in milliseconds. */
const GRACE_MS = 10_000;

/** Ends a sweep: on a signal, or after its time. */
export interface StopControl {
  /** Aborted once nothing new may be begun. */
  readonly stopping: AbortController;
  /** Aborted when requests in flight must end, too. */
  readonly abort: AbortSignal;
  /** What ended it, if anything did. */
  cause(): { readonly exitCode: ExitCode } | undefined;
  /** Takes the handlers away again. */
  dispose(): void;
}

/**
 * Listens for SIGTERM and SIGINT, and ends the sweep by itself after `maxMs` milliseconds. `tell` gets one line
 * at once: the person at the keyboard should see that Ctrl-C was heard.
 */
export function createStopControl(maxMs: number, tell: (message: string) => void): StopControl {
  const stopping = new AbortController();
  const abort = new AbortController();
  let cause: ReturnType<StopControl["cause"]>;
  let grace: NodeJS.Timeout | undefined;
  const end = (exitCode: ExitCode, message: string) => {
    // Whoever asks twice does not want to wait.
    if (cause) return abort.abort();
    cause = { exitCode };
    grace = setTimeout(() => abort.abort(), GRACE_MS);
    stopping.abort();
    tell(`${message}; requests under way get ${GRACE_MS / 1000} s`);
  };
  const onTerm = () => end(ExitCode.terminated, "stopped by SIGTERM: nothing new is begun");
  const onInt = () => end(ExitCode.interrupted, "stopped by SIGINT: nothing new is begun");
  const timer = setTimeout(() => {
    end(ExitCode.attention, `stopped after ${Math.round(maxMs / 60_000)} minutes: the next sweep goes on`);
  }, maxMs);
  process.on("SIGTERM", onTerm);
  process.on("SIGINT", onInt);
  return {
    stopping,
    abort: abort.signal,
    cause: () => cause,
    dispose: () => {
      clearTimeout(timer);
      clearTimeout(grace);
      process.off("SIGTERM", onTerm);
      process.off("SIGINT", onInt);
    },
  };
}
