import { HandedOver, MagnetsError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { type PingKind, pingAddress } from "./ping-address.ts";

/** Tells a monitor how a run goes. Nothing here throws or makes a run fail; what goes wrong is a warning. */
export interface Healthcheck {
  /** Reports that the run has begun; returns at once. */
  start(): void;
  /** Reports how the run ended, where that is for the monitor to know; waits for the ping, 10 s at most. */
  finish(exitCode: ExitCode): Promise<void>;
}

/** For one ping, its second attempt included. */
const TIMEOUT_MS = 5_000;

/**
 * Makes the healthcheck of one run; without an address it does nothing.
 * @param url A secret.
 */
export function createHealthcheck(
  url: string | undefined,
  warn: (message: string) => void,
  timeoutMs = TIMEOUT_MS,
): Healthcheck {
  if (url === undefined) return { start: () => {}, finish: async () => {} };
  const silence = new AbortController();
  let started: Promise<void> = Promise.resolve();

  const send = async (kind: PingKind, message: string): Promise<void> => {
    const address = pingAddress(url, kind, message);
    if (address === undefined) return;
    const { ping } = await import("./ping.ts");
    const failure = await ping(address, timeoutMs, silence.signal);
    if (failure !== undefined && !silence.signal.aborted) warn(`healthcheck (${kind}): ${failure}`);
  };

  return {
    start: () => {
      started = send("start", "");
    },
    finish: async (exitCode) => {
      const kind = kindOf(exitCode);
      if (kind === undefined) return silence.abort();
      // The monitor must not see the start after the end.
      await started;
      await send(kind, kind === "success" ? "OK" : `magnets exited with ${exitCode}: see its log`);
    },
  };
}

/** Does the work of a run and reports its end, whichever it is. */
export async function reportEnd(healthcheck: Healthcheck, work: () => Promise<ExitCode>): Promise<ExitCode> {
  let exitCode: ExitCode;
  try {
    exitCode = await work();
  } catch (error) {
    // That process has told the monitor itself.
    if (error instanceof HandedOver) throw error;
    await healthcheck.finish(error instanceof MagnetsError ? error.exitCode : ExitCode.failed);
    throw error;
  }
  await healthcheck.finish(exitCode);
  return exitCode;
}

/**
 * 0 is success, 1 and 3 are failure. Another run at work (75) says nothing, and neither does a run that was stopped
 * by a signal (130, 143): the machine may be going down, and the monitor misses the next success if it stays so.
 */
function kindOf(exitCode: ExitCode): PingKind | undefined {
  if (exitCode === ExitCode.ok) return "success";
  return exitCode === ExitCode.failed || exitCode === ExitCode.attention ? "failure" : undefined;
}
