/** What the sandbox's process is asked to hold. */
export interface SandboxWish {
  /** One account each. */
  readonly keys: readonly string[];
  /** Magnets in failure in each account; they fail again as soon as they are restarted. */
  readonly failing: number;
  /** Magnets beside them that are ready. */
  readonly ready?: number;
  /** Time taken over each request. */
  readonly latencyMs: number;
}

/** Where it is. */
export interface SandboxPlace {
  readonly apiUrl: string;
  readonly webhookUrl: string;
}

/** What it has seen since it was asked last. */
export interface SandboxReport {
  /** Requests to AllDebrid. */
  readonly requests: number;
  /** Of these, refused with 429. */
  readonly refused: number;
  readonly restarts: number;
  readonly deletions: number;
  /** Embeds that Discord took, and messages that it refused with 429. */
  readonly embeds: number;
  readonly refusedMessages: number;
  /** Milliseconds from the first request to AllDebrid to the last one. */
  readonly spanMs: number;
  /** Most requests in any second and in any minute, since the start. */
  readonly peak: { readonly second: number; readonly minute: number };
  readonly violations: readonly string[];
}
