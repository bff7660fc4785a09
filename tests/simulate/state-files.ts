/** The disk that the program writes to. */
export interface OracleDisk {
  text(name: string): string | undefined;
  /** What would be left if the power failed now. */
  durableText(name: string): string | undefined;
}

/** A line of `deletions.jsonl`. */
export interface Line {
  readonly id: string;
  readonly hash?: string;
  /** False: whether it happened is not known, and nobody was told. */
  readonly confirmed?: boolean;
}

/** The program's files as far as they are promised: by the original's format, and by the contract. */
export class StateFiles {
  readonly #disk: OracleDisk;

  constructor(disk: OracleDisk) {
    this.#disk = disk;
  }

  /** `fails` by id. */
  counted(): Readonly<Record<string, number>> {
    return failsIn(this.#disk.text("retry_counts.json"));
  }

  /** The same after a loss of power. */
  durablyCounted(): Readonly<Record<string, number>> {
    return failsIn(this.#disk.durableText("retry_counts.json"));
  }

  /** Ids of deletions that are known to be under way. */
  intended(): string[] {
    const { intents }: { intents: { id: string }[] } = JSON.parse(
      this.#disk.text("intents.json") || '{"intents":[]}',
    );
    return intents.map(({ id }) => String(id));
  }

  /** Whether a deletion is known to be under way, also after a loss of power. */
  hasDurableIntent(id: string): boolean {
    return this.#disk.durableText("intents.json")?.includes(`"${id}"`) ?? false;
  }

  /** A torn line is none. */
  deletions(): Line[] {
    const lines = (this.#disk.text("deletions.jsonl") ?? "").split("\n");
    return lines.flatMap((line) => {
      try {
        const parsed: Line = JSON.parse(line);
        return [{ ...parsed, id: String(parsed.id) }];
      } catch {
        return [];
      }
    });
  }

  /** How many notices wait to be sent. */
  waiting(): number {
    return JSON.parse(this.#disk.text("outbox.json") ?? '{"pending":[]}').pending.length;
  }
}

/** An empty file is one that a loss of power left so. */
function failsIn(text: string | undefined): Record<string, number> {
  const counters: Record<string, { fails?: number }> = JSON.parse(text || "{}");
  return Object.fromEntries(Object.entries(counters).map(([id, { fails = 0 }]) => [id, fails]));
}
