import type { AlertCause } from "../core/evidence.ts";
import type { SizeWords } from "../core/text.ts";

/**
 * Every word that Discord shows, in one language. What a function receives is already escaped, and what it
 * returns may use Discord's markdown.
 */
export interface Texts {
  readonly deletedTitle: (name: string) => string;
  readonly unnamed: (id: string) => string;
  readonly status: string;
  readonly failures: string;
  readonly failingSince: string;
  readonly size: string;
  readonly account: string;
  readonly id: string;
  readonly magnetLink: string;
  readonly sizeWords: SizeWords;
  readonly capTitle: (due: number) => string;
  readonly capBody: (cap: { due: number; maxDeletes: number; account: string }) => string;
  /** An account stopped working, by the cause; `other` is a code that is not known here. */
  readonly alerts: Readonly<Record<AlertCause | "other", AlertText>>;
  /** Premium ends soon. `until` is a moment as Discord shows it, in the reader's own form. */
  readonly premiumEnding: (account: string, until: string | undefined) => Message;
  readonly premiumRenewed: (account: string, until: string | undefined) => Message;
  readonly worksAgain: (account: string) => Message;
  /** Stands before AllDebrid's code. */
  readonly code: string;
  readonly sampleTitle: string;
  readonly sampleBody: string;
}

/** What is wrong with an account, and what its owner can do about it. */
interface AlertText {
  readonly title: (account: string) => string;
  readonly advice: string;
}

/** A short message. */
export interface Message {
  readonly title: string;
  readonly body: string;
}
