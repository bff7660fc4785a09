import type { Log } from "../core/ports.ts";
import { ExitCode } from "../errors.ts";

/** How long requests in flight may take once the command is to end, in milliseconds. */
const GRACE_MS = 10_000;

/** Ends a command that talks to others: on a signal, or after its time. To be declared by `using`. */
export type StopControl = ReturnType<typeof createStopControl>;

/** Listens for SIGTERM and SIGINT, and stops after `maxMs` milliseconds. The log says so at once. */
export function createStopControl(maxMs: number, log: Log) {
  const stopping = new AbortController();
  const abort = new AbortController();
  let exitCode: ExitCode | undefined;
  let grace: NodeJS.Timeout | undefined;
  const stop = (code: ExitCode, reason: string) => {
    // Whoever asks twice does not want to wait.
    if (exitCode !== undefined) return abort.abort();
    exitCode = code;
    grace = setTimeout(() => abort.abort(), GRACE_MS);
    stopping.abort();
    log.warning(
      `stopped ${reason}: no new request is sent, those in flight have ${GRACE_MS / 1000} s to finish`,
    );
  };
  const onSignal = (signal: NodeJS.Signals) =>
    stop(signal === "SIGINT" ? ExitCode.interrupted : ExitCode.terminated, `by ${signal}`);
  const onTime = () => stop(ExitCode.attention, `after ${Math.round(maxMs / 60_000)} minutes`);
  const timer = setTimeout(onTime, maxMs);
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  return {
    stopping,
    /** `stopping`: no new request may start; `abort`: requests in flight must end, too. */
    signals: { stopping: stopping.signal, abort: abort.signal },
    /** What the command must exit with; undefined while nothing has stopped it. */
    exitCode: () => exitCode,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      clearTimeout(grace);
      process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
    },
  };
}
