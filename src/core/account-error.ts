import { MagnetsError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";

/**
 * An AllDebrid account did not do as it was asked. The message is one line for the person, with what to do
 * where that is known; it holds no secret and nothing raw of the answer.
 */
export class AccountError extends MagnetsError {
  readonly exitCode: ExitCode = ExitCode.attention;
  /** AllDebrid's code, where it answered with one. */
  readonly code?: string;
}

/** The sweep is being ended, so the request was not sent. */
export class StoppedError extends AccountError {
  constructor() {
    super("stopped before it was done");
  }
}
