import type { ListName, Shown } from "./log.ts";

export type FailingList = "expired" | "error";

const WORKING_TEXTS = ["Ready", "In Queue", "Downloading", "Uploading"];

/** Whether a magnet in a list of failing ones says of itself that it works. */
function saysItWorks({ code, text }: Shown, list: FailingList): boolean {
  if (code === undefined) return WORKING_TEXTS.includes(text ?? "");
  return code === 4 || (code >= 0 && code <= 2) || (code === 3 && list === "error");
}

/** What a magnet asked for by id is, where no list is at hand: code 3 is for the caller to judge. */
export function conditionOf({ code = -1 }: Shown): "ready" | "processing" | "failing" {
  if (code === 4) return "ready";
  return code >= 0 && code <= 3 ? "processing" : "failing";
}

/** What one sweep has shown of one torrent. */
export class Seen {
  readonly names = new Set<string>();
  /** Lists that show it as failing; those of them that the program surely read. */
  readonly failingIn = new Set<FailingList>();
  readonly failingSurelyIn = new Set<FailingList>();
  /** Lists of failing ones that show it at work. */
  readonly workingIn = new Set<FailingList>();
  readonly #workingSurelyIn = new Set<FailingList>();
  /** In a list of failing ones, whatever it says of itself. */
  isListed = false;
  /** In one that the program surely read. */
  isListedSurely = false;
  /** With its hash, or without: both where the lists differ. */
  withHash = false;
  withoutHash = false;
  /** Failing or processing, wherever it was shown. */
  atAll = false;
  /** Failing, when it was asked for by id. */
  foundFailing = false;
  /** A list shows another torrent under its id. */
  isDisputed = false;
  /** It has code 3 in the `expired` list. */
  #hasCode3 = false;

  inList(magnet: Shown, list: ListName, certain: boolean): void {
    if (magnet.name !== undefined) this.names.add(magnet.name);
    if (list === "ready") return;
    this.atAll = true;
    if (list === "active") return;
    this.isListed = true;
    this.isListedSurely ||= certain;
    if (magnet.hash === undefined) this.withoutHash = true;
    else this.withHash = true;
    if (saysItWorks(magnet, list)) {
      this.workingIn.add(list);
      if (certain) this.#workingSurelyIn.add(list);
      return;
    }
    this.failingIn.add(list);
    if (certain) this.failingSurelyIn.add(list);
    if (list === "expired") this.#hasCode3 = magnet.code === 3;
  }

  get isSighted(): boolean {
    if (this.workingIn.size > 0 && this.foundFailing) return true;
    // Code 3 in both lists is a magnet that is being uploaded.
    const isUploading = this.#hasCode3 && this.#workingSurelyIn.has("error");
    return this.failingIn.size > (isUploading ? 1 : 0);
  }

  /** A list that was surely read showed it, and nothing spoke against it. */
  get isPlainlySighted(): boolean {
    // In both lists there may be an old copy of one that was deleted.
    const isPlain = this.failingIn.size === 1 && this.workingIn.size === 0 && !this.#hasCode3;
    return isPlain && this.failingSurelyIn.size > 0;
  }

  /** A list says that it works, as code 3 does wherever the error list shows the magnet, too; or lists differ. */
  get isContradicted(): boolean {
    return this.isDisputed || this.workingIn.size > 0 || (this.#hasCode3 && this.failingIn.has("error"));
  }

  /** Code 3 in the `expired` list, and the other list: together they say that the id works, whatever torrents they show. */
  contradictedBy(others: readonly Seen[]): void {
    const hasCode3 = others.some((each) => each.#hasCode3);
    if (hasCode3 && others.some(({ failingIn }) => failingIn.has("error"))) this.workingIn.add("expired");
  }

  /** Lists that showed another torrent under the same id may have meant this one. */
  takeOver(other: Seen): void {
    // What speaks against a listing makes the program ask for the id, whatever torrent is listed.
    for (const list of other.workingIn) this.workingIn.add(list);
    if (other.withHash) return;
    for (const list of other.failingIn) this.failingIn.add(list);
    this.isListed ||= other.isListed;
    this.#hasCode3 ||= other.#hasCode3;
  }

  /** What was listed is over. */
  clearLists(): void {
    this.failingIn.clear();
    this.workingIn.clear();
  }
}
