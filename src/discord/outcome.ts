/** Discord will not take this message, ever: it is malformed. */
export interface Refused {
  readonly kind: "refused";
  readonly status: number;
  /** Discord's own error code, such as 50035. */
  readonly code?: number | undefined;
  /** Cleaned, one line. */
  readonly reason: string;
}

/** The webhook is gone (404) or its token wrong (401). */
export interface Dead {
  readonly kind: "dead";
  readonly status: number;
  /** One line for the person. */
  readonly message: string;
}

/** It did not work now and may work later. */
export interface Unavailable {
  readonly kind: "unavailable";
  /** One line for the person, without the address. */
  readonly message: string;
}

/** What became of a message. */
export type SendOutcome =
  | { readonly kind: "delivered"; readonly status: number; readonly messageId?: string | undefined }
  | Refused
  | Dead
  | Unavailable;

/** What is known of a webhook after asking for it. */
export type InspectOutcome =
  | { readonly kind: "found"; readonly name?: string | undefined }
  | Dead
  | Unavailable;
