import { AccountError } from "../core/account-error.ts";
import { explainCode } from "./error-codes.ts";

/** AllDebrid answered with an error of its own, inside HTTP 200 or not. */
export class ApiError extends AccountError {
  override readonly code: string;

  constructor(code: string, message?: string) {
    super(explainCode(code, message));
    this.code = code;
  }
}

/** No answer that could be read: network, time, HTTP status, or a body that is not AllDebrid's. */
export class NoAnswerError extends AccountError {}
