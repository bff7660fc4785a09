import type { IncomingHttpHeaders } from "node:http";

/** One answer, whole. */
export interface HttpAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
